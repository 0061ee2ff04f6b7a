import { expect, test } from 'vitest';

import { LatencyHistogram } from '../../src/measure/latency-histogram.ts';
import { soakBlocks } from '../../src/report/soak-blocks.ts';
import type { Summary } from '../../src/store/summary.ts';
import { sampleSummary } from '../support/sample-run.ts';

const TIMES = { ...new LatencyHistogram().summary(), count: 5000, p50: 300, p90: 500, p99: 900, max: 2000 };

function blocksOf(changes: Partial<Summary>): string[] {
  return soakBlocks({ ...sampleSummary(), ...changes })
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'));
}

test('soakBlocks has nothing to say of a short run in which nothing fell silent', () => {
  expect(blocksOf({ byAge: [{ fromSeconds: 0, toSeconds: 60, response: TIMES }] })).toEqual([]);
});

test('soakBlocks accounts for every connection of a long run, and shows those that leaked', () => {
  const { run, connections } = sampleSummary();
  const long = { run: { ...run, seconds: 3600 }, sessions: { 'closed-by-plan': 90, reset: 5 } };
  const [page] = blocksOf({ ...long, connections: { ...connections, opened: 100, openAtEnd: 3 } });
  expect(page).toMatch(/opened +100\n/);
  expect(page).toMatch(/ended +95\n/);
  expect(page).toMatch(/live at end +3\n/);
  expect(page).toMatch(/unaccounted for +2\n/);
});

test('soakBlocks holds the ages of connections beside each other', () => {
  const [page] = blocksOf({
    byAge: [
      { fromSeconds: 0, toSeconds: 60, response: TIMES },
      { fromSeconds: 86_400, toSeconds: null, response: { ...TIMES, p50: 4200 } },
    ],
  });
  expect(page?.split('\n')).toEqual([
    'response by age of the connection  count    p50    p90    p99  p99.9  max',
    '0s to 1m00s                        5,000  300us  500us  900us      -  2ms',
    'older than 1d00h                   5,000  4.2ms  500us  900us      -  2ms',
  ]);
});

test('soakBlocks tells how many were half-open, by what found them and when', () => {
  const [page] = blocksOf({
    halfOpen: {
      found: 3,
      byDetector: [{ detector: 'heartbeat-missed', count: 3, p50: 1_000_000, max: 1_200_000 }],
      ghosts: 0,
    },
  });
  expect(page?.split('\n')).toEqual([
    'half-open, found by  count  p50   max',
    'heartbeat-missed         3   1s  1.2s',
  ]);
});

test("soakBlocks shows what the target's process held, and when it ended", () => {
  const [page] = blocksOf({
    targetProcess: {
      pid: 4711,
      name: 'echo',
      endedAtSeconds: 90,
      residentBytes: { first: 1e6, last: 3e6, max: 4e6 },
      descriptors: null,
      threads: { first: 4, last: 4, max: 5 },
      cpus: { first: 0.5, last: 0.25, max: 1 },
    },
  });
  expect(page?.split('\n')).toEqual([
    'process 4711 (echo)  first  last  highest',
    'resident memory       1 MB  3 MB     4 MB',
    'descriptors              -     -        -',
    'threads                  4     4        5',
    'processors             0.5  0.25        1',
    'it ended 1m30s after the start',
  ]);
});
