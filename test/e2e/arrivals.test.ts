import { describe, expect, onTestFinished, test } from 'vitest';

import { run } from '../../src/coordinator/run.ts';
import { StopSwitch } from '../../src/coordinator/stop-switch.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import type { Summary } from '../../src/store/summary.ts';
import { startTarget } from '../../src/target/target.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { ENGINES } from '../support/shard-run.ts';

/** A run against an honest target; what its profile says comes from `flags`, as on the command line. */
async function runOf(flags: Record<string, unknown>): Promise<Summary> {
  const target = await startTarget();
  onTestFinished(() => target.close().then(() => undefined));
  const { summary } = await run({
    profile: loadProfile(
      { name: 'test', text: null, file: null },
      {},
      { ...flags, target: target.address },
      [],
    ),
    outDir: scratchDirectory(),
    tool: { name: 'tidemark', version: '0.0.0' },
    stopSwitch: new StopSwitch(),
    observer: { started: () => undefined, interval: () => undefined },
  });
  expect(summary.frames.matched).toBe(summary.frames.sent);
  const { generator, backpressure, connecting, ended } = summary.frames.unsentBy;
  expect(generator + backpressure + connecting + ended).toBe(summary.frames.unsent);
  return summary;
}

function planned({ frames }: Summary): number {
  return frames.sent + frames.unsent;
}

describe.each(ENGINES)('run with the $engine engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)('sends the area of its stages, and lasts as long as they do', async () => {
    // A ramp to 1000/s, a hold, a step down, a ramp to nothing: 200 + 200 + 100 + 50 frames.
    const stage = ['400ms:1k/s', '200ms:1k/s', '0s:500/s', '200ms:500/s', '200ms:0/s'];
    const summary = await runOf({ engine, stage, connections: '7', workers: '2' });
    expect(Math.abs(planned(summary) - 550)).toBeLessThanOrEqual(1);
    expect(summary.frames.unsentBy).toMatchObject({ backpressure: 0, ended: 0 });
    expect(summary.frames.sent).toBeGreaterThan(400);
    expect(summary.run).toMatchObject({ loadModel: 'open', endedEarly: null });
    expect(summary.throughput.seconds).toBeCloseTo(1, 6);
  });
});

describe('run with Poisson arrivals', () => {
  const flags = { arrivals: 'poisson', totalRate: '1k/s', connections: '9', duration: '500ms' };

  test('has the same number of them however many workers share them, and another with another seed', async () => {
    const alone = planned(await runOf(flags));
    expect(planned(await runOf({ ...flags, workers: '3' }))).toBe(alone);
    expect(Math.abs(alone - 500)).toBeLessThan(5 * Math.sqrt(500));
    const others = [
      planned(await runOf({ ...flags, seed: '2' })),
      planned(await runOf({ ...flags, seed: '3' })),
    ];
    expect(others).not.toEqual([alone, alone]);
  });
});

describe('run with a pacing', () => {
  test.skipIf(ENGINES.some(({ missing }) => missing !== null))(
    'sends at the planned rate whichever it is',
    async () => {
      for (const pacing of ['precise', 'balanced', 'frugal']) {
        const summary = await runOf({
          engine: 'epoll',
          pacing,
          totalRate: '2k/s',
          connections: '20',
          duration: '400ms',
        });
        expect(planned(summary)).toBe(800);
        expect(summary.frames.unsentBy).toMatchObject({ generator: 0, backpressure: 0, ended: 0 });
      }
    },
  );
});
