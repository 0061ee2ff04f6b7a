import { expect, test } from 'vitest';
import { analyzeTable, type DriftFinding } from '../../src/analysis/drift/drift.ts';
import { syntheticSoak, type SoakPlan } from '../support/synthetic-soak.ts';

const HOUR = 3600;
const SERIES = 'response p99';

/** Share of `soaks` seeded soaks, an hour each and alike by 0.6, in which `isFound` says so of some finding. */
function shareFound(
  soaks: number,
  plan: Pick<SoakPlan, 'spread'> & { added(index: number): number },
  isFound: (finding: DriftFinding) => boolean,
): number {
  const { spread, added } = plan;
  let found = 0;
  for (let seed = 1; seed <= soaks; seed++) {
    const plant = { series: SERIES, added };
    const table = syntheticSoak({ seed, intervals: HOUR, correlation: 0.6, spread, plant });
    if (analyzeTable(table).findings.some((each) => each.series === SERIES && isFound(each))) found++;
  }
  return found / soaks;
}

test.each([
  { correlation: 0, lengths: [60, 120, 600, HOUR] },
  { correlation: 0.3, lengths: [60, 120, 600, HOUR] },
  { correlation: 0.6, lengths: [60, 120, 600, HOUR] },
  { correlation: 0.9, lengths: [60, 120, 600, HOUR] },
])(
  'of 500 soaks without drift, alike by $correlation, at most 1% have a finding',
  ({ correlation, lengths }) => {
    let alarms = 0;
    for (let seed = 0; seed < 500; seed++) {
      const spread = [0.05, 0.1, 0.2, 0.3, 0.5][seed % 5] ?? 0;
      const intervals = lengths[seed % lengths.length] ?? HOUR;
      const table = syntheticSoak({ seed: 10_000 + seed, intervals, correlation, spread });
      if (analyzeTable(table).findings.length > 0) alarms++;
    }
    console.log(`alike by ${correlation}: ${alarms} of 500 soaks without drift have a finding`);
    expect(alarms / 500).toBeLessThanOrEqual(0.01);
  },
);

test.each([0.05, 0.1, 0.3])('a trend of 3 standard deviations (of %d) is found in at least 95%', (spread) => {
  const share = shareFound(
    200,
    { spread, added: (index) => (3 * spread * index) / HOUR },
    ({ kind }) => kind === 'trend',
  );
  console.log(`trend of 3 x ${spread}: found in ${share * 100}%`);
  expect(share).toBeGreaterThanOrEqual(0.95);
});

test.each([0.02, 0.05, 0.1])('a step of 10%, the spread being %d, is found in at least 95%', (spread) => {
  const share = shareFound(
    200,
    { spread, added: (index) => (index < HOUR / 2 ? 0 : 0.1) },
    ({ kind }) => kind === 'step',
  );
  console.log(`step of 10% at a spread of ${spread}: found in ${share * 100}%`);
  expect(share).toBeGreaterThanOrEqual(0.95);
});

test('stalls every 37 s are found in an hour, with their period', () => {
  const share = shareFound(
    100,
    { spread: 0.1, added: (index) => (index % 37 === 5 ? 1 : 0) },
    (finding) => finding.kind === 'cycle' && Math.abs(finding.periodSeconds - 37) < 0.2,
  );
  console.log(`stalls every 37 s: found in ${share * 100}%`);
  expect(share).toBeGreaterThanOrEqual(0.95);
});
