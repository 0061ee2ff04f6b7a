import { describe, expect, test } from 'vitest';

import { inFlightCourse } from '../../../src/analysis/capacity/in-flight-course.ts';
import { auditLittle } from '../../../src/analysis/capacity/little-audit.ts';
import type { IntervalLine } from '../../../src/store/interval-line.ts';

/** Seconds of 1000 frames each, of 50 ms, with `late[i]` of them answered in the next second. */
function seconds(late: readonly number[], serviceUs: number = 50_000): IntervalLine[] {
  let before = 0;
  return late.map((behind, index) => {
    const matched = 1000 + before - behind;
    before = behind;
    const times = { min: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    return {
      index,
      startSeconds: index,
      endSeconds: index + 1,
      phase: index === 0 ? 'warmup' : 'measure',
      counters: { framesSent: 1000, framesMatched: matched },
      gauges: { openNow: 1 },
      histograms: { service: { count: matched, mean: serviceUs, ...times } },
    };
  });
}

describe('inFlightCourse', () => {
  test('follows what was sent and not answered, from the end of the warm-up', () => {
    expect(inFlightCourse(seconds([50, 52, 49, 55]))).toMatchObject({ samples: [52, 49, 55], grewBy: 5 });
  });

  test('computes N = X R', () => {
    expect(inFlightCourse(seconds([50, 50, 50])).byLittle).toBeCloseTo(50, 9);
  });

  test('leaves the drain out', () => {
    const [warmup, measured, last] = seconds([50, 50, 50]);
    if (warmup === undefined || measured === undefined || last === undefined)
      throw new Error('three seconds');
    expect(inFlightCourse([warmup, measured, { ...last, phase: 'drain' }]).samples).toEqual([50]);
  });
});

describe('auditLittle', () => {
  test('agrees where times and countings do', () => {
    const audit = auditLittle([inFlightCourse(seconds([50, 51, 49, 50, 50]))]);
    expect(audit).toMatchObject({ counted: 50, samples: 4, ok: true, tolerance: 0.05 });
  });

  test('speaks where times are a tenth too short', () => {
    const audit = auditLittle([inFlightCourse(seconds([50, 51, 49, 50, 50], 45_000))]);
    expect(audit?.ok).toBe(false);
    expect(audit?.deviation).toBeCloseTo(1 / 9, 2);
  });

  test('asks no more of few countings that scatter', () => {
    const audit = auditLittle([inFlightCourse(seconds([50, 20, 90, 30, 50]))]);
    expect(audit?.tolerance).toBeGreaterThan(0.3);
    expect(audit?.ok).toBe(true);
  });

  test.each([
    ['few in flight', [seconds([5, 5, 5, 5], 5000)]],
    ['few countings', [seconds([50, 50])]],
    ['queues that grow', [seconds([50, 60, 80, 100, 120])]],
  ])('says nothing of %s', (_, trials) => {
    expect(auditLittle(trials.map(inFlightCourse))).toBeNull();
  });
});
