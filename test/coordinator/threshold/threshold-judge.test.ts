import { describe, expect, it } from 'vitest';
import { ThresholdJudge } from '../../../src/coordinator/threshold/threshold-judge.ts';
import type { ThresholdProfile } from '../../../src/profile/profile.ts';
import type { ThresholdResult } from '../../../src/store/summary.ts';
import { countersOf, intervalOf, type IntervalSketch } from './figures-support.ts';

const FACTS = { stalledDials: null, healthScore: 1 };

function plan(expr: string, options: Partial<ThresholdProfile> = {}): ThresholdProfile {
  return { expr, windowUs: null, abortOnFail: false, delayUs: 0, ...options };
}

/** Judges seconds, of which each has these response times; the result, and after how many seconds the run ended. */
function judge(
  threshold: ThresholdProfile,
  seconds: Omit<IntervalSketch, 'at'>[],
): { result: Partial<ThresholdResult>; endedAfter: number | null } {
  const judged = new ThresholdJudge([threshold]);
  let endedAfter: number | null = null;
  seconds.forEach((sketch, at) => {
    const interval = intervalOf({ at, ...sketch });
    if (judged.addInterval(() => interval)) endedAfter ??= at + 1;
  });
  const [result = {}] = judged.results(() => FACTS);
  return { result, endedAfter };
}

const times = (...response: number[]): Omit<IntervalSketch, 'at'> => ({ times: { response } });

describe('ThresholdJudge over the whole run', () => {
  it('merges all times', () => {
    const { result } = judge(plan('response.max < 1ms'), [times(500), times(700, 20)]);
    expect(result).toEqual({
      expr: 'response.max < 1ms',
      ok: true,
      observed: 700,
      unit: 'us',
      demanded: 1000,
      cohort: null,
      windowSeconds: null,
      worstAtMs: null,
      why: null,
    });
  });

  it('says what it observed where it fails', () => {
    const { result } = judge(plan('response.max < 600us'), [times(500), times(700)]);
    expect(result).toMatchObject({ ok: false, observed: 700, why: 'observed 700us' });
  });

  it('fails where there is nothing to observe', () => {
    const { result } = judge(plan('response.max < 1h'), [{ counters: { framesSent: 3 } }]);
    expect(result).toMatchObject({
      ok: false,
      observed: null,
      why: 'no samples: nothing was observed for response.max',
    });
  });

  it('looks at the dials of a run that came no further', () => {
    const judged = new ThresholdJudge([plan('dials.refused == 0'), plan('response.p99 < 1s')]);
    judged.addCounters(() => countersOf({ 'dial:refused': 1, dialsAttempted: 1 }));
    expect(judged.results(() => FACTS)).toMatchObject([
      { ok: false, observed: 1 },
      { ok: false, observed: null },
    ]);
  });

  it('judges each cohort by its own figures', () => {
    const judged = new ThresholdJudge([
      plan('bulk:response.max < 1ms'),
      plan('idle:response.max < 1ms'),
      plan('idle:dials.refused == 0', { windowUs: 1e6 }),
      plan('response.count == 3'),
    ]);
    const cohorts = new Map([
      ['bulk', intervalOf({ at: 0, ...times(500) })],
      ['idle', intervalOf({ at: 0, ...times(5000), counters: { 'dial:refused': 2 } })],
    ]);
    const total = intervalOf({ at: 0, ...times(1, 2, 3) });
    judged.addInterval((cohort) => (cohort === null ? total : (cohorts.get(cohort) ?? total)));
    expect(judged.results(() => FACTS)).toMatchObject([
      { cohort: 'bulk', ok: true, observed: 500 },
      { cohort: 'idle', ok: false, observed: 5000 },
      { cohort: 'idle', ok: false, observed: 2 },
      { cohort: null, ok: true, observed: 3 },
    ]);
  });
});

describe('ThresholdJudge over sliding windows', () => {
  const within2s = { windowUs: 2e6 };

  it('fails where any full window fails, and tells the worst', () => {
    const seconds = [times(100), times(200), times(9000), times(8000), times(100), times(100)];
    const { result } = judge(plan('response.max < 1ms', within2s), seconds);
    expect(result).toMatchObject({
      ok: false,
      observed: 9000,
      windowSeconds: 2,
      worstAtMs: 3000,
      why: 'observed 9ms in the window of 2s that ended at 3.0s',
    });
  });

  it('holds where all windows hold, though the whole would not', () => {
    const { result } = judge(plan('response.count <= 2', within2s), [times(1), times(1), times(1), times(1)]);
    expect(result).toMatchObject({ ok: true, observed: 2, worstAtMs: 2000, why: null });
  });

  it('does not judge before the first full window, nor in the warm-up and the drain', () => {
    const slow = times(9000);
    const { result } = judge(plan('response.mean < 6ms', within2s), [
      { ...slow, phase: 'warmup' },
      slow,
      times(1),
      { ...slow, phase: 'drain' },
      { ...slow, phase: 'drain' },
    ]);
    expect(result).toMatchObject({ ok: true, observed: 4500.5, worstAtMs: 3000 });
  });

  it.each([
    ['response.count > 1', 1, 2000],
    ['response.count != 9', 3, 4000],
    ['response.count == 2', 1, 2000],
  ])('finds the worst of %s', (expr, observed, worstAtMs) => {
    const seconds = [times(1), {}, times(1, 2), times(1)];
    expect(judge(plan(expr, within2s), seconds).result).toMatchObject({ observed, worstAtMs });
  });

  it('takes a window without samples for the worst of all', () => {
    const { result } = judge(plan('response.max < 1ms', within2s), [times(1), {}, {}, times(9e6), times(1)]);
    expect(result).toMatchObject({
      ok: false,
      observed: null,
      worstAtMs: 3000,
      why: 'no samples: nothing was observed for response.max in the window of 2s that ended at 3.0s',
    });
  });

  it('fails where no window was ever full', () => {
    const { result } = judge(plan('response.max < 1ms', within2s), [times(1)]);
    expect(result).toMatchObject({ ok: false, observed: null, why: 'no window of 2s was ever full' });
  });
});

describe('ThresholdJudge with invalid intervals', () => {
  const blurred = { ...times(9000), counters: { 'dial:refused': 1, framesMatched: 900 }, valid: false };
  const sound = { ...times(100), counters: { framesMatched: 100 } };

  it.each([
    ['response.max < 1ms', {}, 100],
    ['throughput.frames < 150/s', {}, 100],
    ['dials.refused == 2', {}, 2],
    ['response.max < 1ms', { windowUs: 2e6 }, 100],
    ['response.max < 1ms', { abortOnFail: true }, 100],
    ['dials.refused == 0', { windowUs: 2e6 }, 0],
  ])('leaves their times and rates, and windows all of them, out of %s %o', (expr, options, observed) => {
    const { result, endedAfter } = judge(plan(expr, options), [blurred, sound, blurred, sound, sound]);
    expect(result).toMatchObject({ ok: true, observed });
    expect(endedAfter).toBeNull();
  });
});

it('counts a frame for the throughput when it is done: a reply to the warm-up counts in the measured time, one of the drain does not', () => {
  const late = {
    ...times(1),
    counters: { framesMatched: 5, framesMatchedInWarmup: 5 },
    phase: 'warmup' as const,
  };
  const measured = {
    ...times(1),
    counters: { framesMatched: 12, framesMatchedInWarmup: 2, bytesReceived: 99 },
  };
  const drain = { ...times(1), counters: { framesMatched: 3, bytesReceived: 7 }, phase: 'drain' as const };
  const intervals = [late, measured, drain];
  expect(judge(plan('throughput.frames == 12/s', {}), intervals).result).toMatchObject({
    ok: true,
    observed: 12,
  });
  expect(judge(plan('throughput.receivedBytes == 99B/s', {}), intervals).result).toMatchObject({
    observed: 99,
  });
});

describe('ThresholdJudge with nothing but invalid intervals', () => {
  const blurred = { ...times(9000), counters: { framesMatched: 900 }, valid: false };

  it.each([
    ['response.max < 10ms', 9000],
    ['throughput.frames < 1k/s', 900],
  ])('judges %s by them, which a run that stands must be judged by', (expr, observed) => {
    const drain = { ...times(1), phase: 'drain' as const };
    const { result } = judge(plan(expr), [blurred, blurred, drain]);
    expect(result).toMatchObject({ ok: true, observed });
  });
});

it('judges a metric by invalid intervals where all its samples lie in them', () => {
  const dialling = { ...times(9000), valid: false };
  const { result } = judge(plan('response.max < 10ms'), [dialling, times(), times()]);
  expect(result).toMatchObject({ ok: true, observed: 9000 });
});

describe('ThresholdJudge ends the run', () => {
  const abort = { abortOnFail: true };
  const seconds = [times(9000), times(9000), times(9000), times(9000)];

  it('at the end of the interval that fails, and keeps what it failed by', () => {
    const { result, endedAfter } = judge(plan('response.p50 < 1ms', abort), [
      times(1),
      times(9000, 9000),
      ...Array.from({ length: 5 }, () => times(1)),
    ]);
    expect(endedAfter).toBe(2);
    expect(result).toMatchObject({
      ok: false,
      worstAtMs: 2000,
      why: 'observed 9ms of the run so far at 2.0s',
    });
  });

  it('not before its delay', () => {
    expect(judge(plan('response.max < 1ms', { ...abort, delayUs: 3e6 }), seconds).endedAfter).toBe(3);
  });

  it('not for one that recovers before its delay', () => {
    const recovering = [times(9000), times(1, 1, 1), times(1)];
    const { result, endedAfter } = judge(plan('response.p50 < 1ms', { ...abort, delayUs: 2e6 }), recovering);
    expect(endedAfter).toBeNull();
    expect(result).toMatchObject({ ok: true });
  });

  it('after its delay for a window that failed before it, which nothing makes good', () => {
    const options = { ...abort, windowUs: 1e6, delayUs: 3e6 };
    const { result, endedAfter } = judge(plan('response.max < 1ms', options), [
      times(9000),
      times(1),
      times(1),
    ]);
    expect(endedAfter).toBe(3);
    expect(result).toMatchObject({ observed: 9000, worstAtMs: 1000 });
  });

  it('not for want of samples that may still come, unless a window has none', () => {
    const silent = [{}, {}, times(1)];
    expect(judge(plan('response.max < 1ms', abort), silent).endedAfter).toBeNull();
    expect(judge(plan('response.max < 1ms', { ...abort, windowUs: 1e6 }), silent).endedAfter).toBe(1);
  });

  it('not without abortOnFail, and not in the warm-up', () => {
    expect(judge(plan('response.max < 1ms'), seconds).endedAfter).toBeNull();
    const warm = seconds.map((second) => ({ ...second, phase: 'warmup' as const }));
    expect(judge(plan('response.max < 1ms', abort), warm).endedAfter).toBeNull();
  });

  it('and says so', () => {
    const judged = new ThresholdJudge([plan('response.max < 1ms', abort)]);
    expect(judged.abort).toBeNull();
    judged.addInterval(() => intervalOf({ at: 0, ...times(9000) }));
    expect(judged.abort).toBe(
      "the threshold 'response.max < 1ms' failed, and the plan ends the run for it (abortOnFail)",
    );
  });
});
