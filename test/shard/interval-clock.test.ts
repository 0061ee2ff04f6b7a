import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { IntervalClock, type EndedInterval } from '../../src/shard/interval-clock.ts';

const SECOND = 1_000_000;

/** Cuts every interval at its end until `untilUs`, as a loop that is never late does. */
function cutUntil(clock: IntervalClock, untilUs: number): EndedInterval[] {
  const ended: EndedInterval[] = [];
  while (clock.endUs <= untilUs) ended.push(clock.cut(clock.endUs));
  return ended;
}

describe('IntervalClock', () => {
  test('cuts at every second, at the end of the warm-up and at the end of the plan', () => {
    const clock = new IntervalClock({ warmupUs: 1.5 * SECOND, durationUs: 3.25 * SECOND });
    expect(cutUntil(clock, 5 * SECOND)).toEqual([
      { index: 0, startUs: 0, endUs: SECOND, phase: 'warmup' },
      { index: 1, startUs: SECOND, endUs: 1.5 * SECOND, phase: 'warmup' },
      { index: 2, startUs: 1.5 * SECOND, endUs: 2 * SECOND, phase: 'measure' },
      { index: 3, startUs: 2 * SECOND, endUs: 3 * SECOND, phase: 'measure' },
      { index: 4, startUs: 3 * SECOND, endUs: 3.25 * SECOND, phase: 'measure' },
      { index: 5, startUs: 3.25 * SECOND, endUs: 4 * SECOND, phase: 'drain' },
      { index: 6, startUs: 4 * SECOND, endUs: 5 * SECOND, phase: 'drain' },
    ]);
  });

  test('calls what follows an early end of sending the drain, in the warm-up too', () => {
    const clock = new IntervalClock({ warmupUs: 2 * SECOND, durationUs: 10 * SECOND });
    clock.cut(0.4 * SECOND);
    clock.endSending(0.4 * SECOND);
    expect(cutUntil(clock, SECOND)).toEqual([
      { index: 1, startUs: 0.4 * SECOND, endUs: SECOND, phase: 'drain' },
    ]);
  });

  test('does not move the planned end back when sending ends late', () => {
    const clock = new IntervalClock({ warmupUs: 0, durationUs: SECOND });
    clock.cut(SECOND);
    clock.endSending(1.2 * SECOND);
    expect(clock.cut(1.3 * SECOND).phase).toBe('drain');
  });

  test('leaves no gap and no overlap, however early intervals are cut', () => {
    const us = fc.integer({ min: 1, max: 4 * SECOND });
    fc.assert(
      fc.property(us, us, fc.array(fc.integer({ min: 1, max: SECOND })), (warmupUs, durationUs, lengths) => {
        const clock = new IntervalClock({ warmupUs, durationUs });
        let startUs = 0;
        lengths.forEach((length, index) => {
          const endUs = Math.min(startUs + length, clock.endUs);
          const ended = clock.cut(endUs);
          expect(ended).toMatchObject({ index, startUs, endUs });
          startUs = endUs;
        });
      }),
    );
  });
});
