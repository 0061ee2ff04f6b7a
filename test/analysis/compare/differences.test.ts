import { expect, test } from 'vitest';
import { differencesOf } from '../../../src/analysis/compare/differences.ts';
import type { Summary } from '../../../src/store/summary.ts';
import { syntheticRun } from '../../support/compared-runs.ts';

function differencesWith(change: (summary: Summary) => void): string[] {
  return differencesOf([syntheticRun({ id: 'a', place: 0 }), syntheticRun({ id: 'b', place: 1, change })]);
}

test.each<[string, (summary: Summary) => void]>([
  ['nothing', () => undefined],
  ['the target', ({ run }) => (run.profile.target = '127.0.0.1:9')],
  ['the label', ({ run }) => (run.profile.label = 'other')],
  ['the seed', ({ run }) => (run.profile.seed = 99)],
  ['thresholds', ({ run }) => (run.profile.thresholds = [])],
  ['how the same engine was chosen', ({ run }) => (run.profile.engine = 'node')],
])('runs that differ in %s are alike', (_, change) => {
  expect(differencesWith(change)).toEqual([]);
});

test.each<[string, (summary: Summary) => void, string]>([
  ['duration', ({ run }) => (run.profile.durationUs = 5), 'profile (durationUs): 10000000 and 5'],
  ['connections', ({ run }) => (run.profile.connections.count = 7), 'profile (connections.count): 100 and 7'],
  ['payload', ({ run }) => (run.profile.payload.size = '1KiB'), 'profile (payload.size): "64B" and "1KiB"'],
  ['engine', ({ run }) => (run.engine = 'epoll'), 'engine: node and epoll'],
  ['machine', ({ run }) => (run.host.machine = 'bench-3'), 'machine: unknown and bench-3'],
  ['processors', ({ run }) => (run.host.cpus = 64), 'machine (cpus): 2 and 64'],
  ['Tidemark', ({ tool }) => (tool.version = '9.0.0'), 'Tidemark: 0.1.0 and 9.0.0'],
  [
    'calibration',
    ({ health }) =>
      (health.headroom = {
        ceilingFramesPerSecond: 1,
        used: 1,
        left: 0,
        calibratedAt: '2026-01-01T00:00:00.000Z',
        noise: { sendLagP50: 1, sendLagP99: 1, responseP50: 1, responseP99: 1 },
      }),
    'calibration: none and 2026-01-01T00:00:00.000Z',
  ],
])('runs that differ in %s are not', (_, change, sentence) => {
  expect(differencesWith(change)).toEqual([sentence]);
});

test('a message file of the same name with other bytes in it is found by the size of frames', () => {
  const file = ({ run }: Summary): void => {
    Object.assign(run.profile.payload, { file: 'message.bin', size: null });
  };
  const [a, b] = [
    syntheticRun({ id: 'a', place: 0, change: file }),
    syntheticRun({
      id: 'b',
      place: 1,
      change: (summary) => {
        file(summary);
        summary.bytes.sent *= 2;
      },
    }),
  ];
  expect(differencesOf([a, b])).toEqual(['payload (bytes a frame): 68.0 and 136.0']);
});
