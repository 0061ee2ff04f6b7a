import { expect, test } from 'vitest';
import { analyzeTable, type DriftFinding } from '../../src/analysis/drift/drift.ts';
import { syntheticSoak } from '../support/synthetic-soak.ts';

const HOUR = 3600;
const SERIES = 'response p99';

/** Share of `soaks` seeded soaks, an hour each and alike by 0.6, in which `isFound` says so of some finding. */
function shareFound(
  soaks: number,
  plan: { spread: number; added: (index: number) => number },
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

/*
 * What came of it is told in docs/drift.md. The shortest soaks are the hardest to tell from drift where they are very much
 * alike, so every length comes with every correlation.
 */
test('of 2000 soaks without drift, independent or alike by up to 0.9, at most 1% have a finding', () => {
  let alarms = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const spread = [0.05, 0.1, 0.2, 0.3, 0.5][seed % 5] ?? 0;
    const correlation = [0, 0.3, 0.6, 0.9][seed % 4] ?? 0;
    const intervals = [60, 120, 600, HOUR][(seed >> 2) % 4] ?? HOUR;
    const table = syntheticSoak({ seed: 10_000 + seed, intervals, correlation, spread });
    if (analyzeTable(table).findings.length > 0) alarms++;
  }
  expect(alarms / 2000).toBeLessThanOrEqual(0.01);
});

test.each([0.05, 0.1, 0.3])('a trend of 3 standard deviations (of %d) is found in at least 95%', (spread) => {
  const share = shareFound(
    200,
    { spread, added: (index) => (3 * spread * index) / HOUR },
    ({ kind }) => kind === 'trend',
  );
  expect(share).toBeGreaterThanOrEqual(0.95);
});

test.each([0.02, 0.05, 0.1])('a step of 10%, the spread being %d, is found in at least 95%', (spread) => {
  const share = shareFound(
    200,
    { spread, added: (index) => (index < HOUR / 2 ? 0 : 0.1) },
    ({ kind }) => kind === 'step',
  );
  expect(share).toBeGreaterThanOrEqual(0.95);
});

test('stalls every 37 s are found in an hour, with their period', () => {
  const share = shareFound(
    100,
    { spread: 0.1, added: (index) => (index % 37 === 5 ? 1 : 0) },
    (finding) => finding.kind === 'cycle' && Math.abs(finding.periodSeconds - 37) < 0.2,
  );
  expect(share).toBeGreaterThanOrEqual(0.95);
});
