import { describe, expect, test } from 'vitest';

import { trialFigures } from '../../../src/analysis/capacity/trial-figures.ts';
import { LatencyHistogram } from '../../../src/measure/latency-histogram.ts';
import type { IntervalLine } from '../../../src/store/interval-line.ts';
import type { StoredRun } from '../../../src/store/run-store.ts';
import type { FrameTotals } from '../../../src/store/summary.ts';
import { histogramsOf, sampleManifest, sampleSummary } from '../../support/sample-run.ts';

/** A trial of 10,000 frames in 10 s after 1000 of warm-up; `sent` and `matched` of its two halves. */
interface TrialParts {
  frames?: Partial<FrameTotals>;
  endedEarly?: string;
  behind?: number;
  responsesUs?: readonly number[];
}

const QUESTION = { ratePerSecond: 1000, seconds: 10, limitUs: null, retransmits: null };

function trialOf({ frames = {}, endedEarly, behind = 0, responsesUs = [] }: TrialParts): StoredRun {
  const summary = sampleSummary();
  const unsentBy = { generator: 0, backpressure: 0, connecting: 0, ended: 0, ...frames.unsentBy };
  const unsent = Object.values(unsentBy).reduce((sum, count) => sum + count, 0);
  summary.frames = {
    ...summary.frames,
    sent: 11_000 - unsent,
    matched: 11_000,
    matchedInWarmup: 1000,
    lost: 0,
    corrupt: 0,
    inFlightAtEnd: 0,
    ...frames,
    unsent,
    unsentBy,
  };
  summary.run.endedEarly = endedEarly ?? null;
  const counts = { framesSent: 10_000, framesMatched: 10_000 - behind };
  const intervals: IntervalLine[] = [
    interval('warmup', 0, { framesSent: 1000, framesMatched: 1000 }),
    interval('measure', 1, counts),
    interval('drain', 11, { framesMatched: behind }),
  ];
  return {
    directory: 'nowhere',
    manifest: sampleManifest(),
    summary,
    *intervals() {
      yield* intervals;
    },
    *histogramLog() {
      const histogram = histogramsOf({ response: responsesUs }).get('response') ?? new LatencyHistogram();
      yield {
        tag: 'response',
        startSeconds: 0,
        lengthSeconds: 1,
        logStartEpochSeconds: null,
        max: 0,
        histogram: () => histogram,
      };
    },
  };
}

function interval(
  phase: IntervalLine['phase'],
  index: number,
  counters: IntervalLine['counters'],
): IntervalLine {
  return {
    index,
    startSeconds: index,
    endSeconds: phase === 'measure' ? 11 : index + 1,
    phase,
    counters,
    gauges: { openNow: 1 },
    histograms: {},
  };
}

describe('trialFigures', () => {
  test.each<[string, TrialParts, object]>([
    ['a trial in which all is well', {}, { offered: 10_000, lossRatio: 0, goodPerSecond: 1000 }],
    [
      'frames that nobody answered',
      { frames: { lost: 30, corrupt: 5, inFlightAtEnd: 15 } },
      { lossRatio: 0.005 },
    ],
    ['a target that fell behind', { behind: 200 }, { lossRatio: 0.02, goodPerSecond: 980 }],
    ['a target that is behind by chance', { behind: 49 }, { lossRatio: 0 }],
    [
      'frames that backpressure kept back',
      { frames: { unsentBy: { generator: 0, backpressure: 100, connecting: 0, ended: 0 } } },
      { lossRatio: 0.01 },
    ],
    [
      'frames without a connection',
      { frames: { unsentBy: { generator: 0, backpressure: 0, connecting: 20, ended: 30 } } },
      { lossRatio: 0.005 },
    ],
    [
      "the generator's own",
      { frames: { unsentBy: { generator: 100, backpressure: 0, connecting: 0, ended: 0 } } },
      { lossRatio: 0, offered: 9900 },
    ],
    [
      'a trial whose sessions had all ended half-way',
      { frames: { sent: 6000, matched: 6000 }, endedEarly: 'every session had ended' },
      { lossRatio: 0.5, offered: 10_000, goodPerSecond: 500 },
    ],
  ])('counts %s', (_, parts, expected) => {
    expect(trialFigures(trialOf(parts), QUESTION)).toMatchObject(expected);
  });

  test('counts replies beyond the limit where there is one', () => {
    const run = trialOf({ responsesUs: [1000, 2000, 60_000, 70_000] });
    expect(trialFigures(run, { ...QUESTION, limitUs: 50_000 }).lost.slow).toBe(2);
    expect(trialFigures(run, QUESTION).lost.slow).toBe(0);
  });

  test('shows how a limit was met, and from when on', () => {
    const { signs } = trialFigures(trialOf({ behind: 200 }), { ...QUESTION, retransmits: 7 });
    expect(signs).toContainEqual({ name: 'queueing', count: 200, firstSeconds: 11 });
    expect(signs).toContainEqual({ name: 'retransmissions', count: 7, firstSeconds: null });
  });
});
