import { monotonicClock, type Clock } from '../base/clock.ts';
import type { HistogramSet } from '../measure/histogram-set.ts';
import type { RunWriter } from '../store/run-writer.ts';
import { takeCheckpoint, type RunAccounts } from './checkpoint.ts';
import type { MergedInterval } from './interval-merger.ts';
import type { ResumedTime } from './resumed-time.ts';
import type { RunClocks } from './run-clocks.ts';
import { toIntervalLine } from './run-totals.ts';
import type { TargetProcessLog } from './target-process.ts';
import { figuresOf } from './threshold/interval-figures.ts';

/** Whoever has to do with every interval of a run. */
export interface IntervalTakers extends RunAccounts {
  writer: RunWriter;
  /** Where the time of a resumed run goes on; null: it begins at 0. */
  time: ResumedTime | null;
  /** Notices where the machine slept. */
  clocks: RunClocks;
  /** Is told of every interval once it is stored and added up in `totals`. */
  observe: (interval: MergedInterval) => void;
  /** Follows the target's process, a reading an interval. */
  targetProcess?: TargetProcessLog;
  /** @default the machine's */
  clock?: Clock;
}

/**
 * What is done with every merged interval: it is judged, stored, added up, held against thresholds and observed, in
 * this order.
 * @param endRun is called when a threshold ends the run
 */
export function intervalTaker(
  takers: IntervalTakers,
  endRun: () => void,
): (interval: MergedInterval) => void {
  const { writer, totals, thresholds } = takers;
  const { names } = totals;
  const clock = takers.clock ?? monotonicClock();
  return (interval) => {
    takers.time?.place(interval);
    takers.clocks.mark(interval);
    // What follows the end of a run by a threshold is its drain, whatever the plan says of that time.
    if (thresholds.abort !== null) interval.phase = 'drain';
    interval.health = takers.health.judge(interval);
    const line = toIntervalLine(interval, names);
    Object.assign(line.gauges, takers.targetProcess?.read(interval.endUs, clock.nowUs()));
    writer.append(line, interval.histograms, namedHistograms(interval, names));
    totals.addInterval(interval);
    if (thresholds.addInterval(figuresOf(interval, names))) endRun();
    writer.keep(interval.endUs / 1e6, () => takeCheckpoint(interval.index, takers));
    takers.observe(interval);
  };
}

/** The times of named cohorts. */
function namedHistograms(
  interval: MergedInterval,
  names: readonly (string | null)[],
): ReadonlyMap<string, HistogramSet> {
  const named = interval.cohorts.flatMap(({ histograms }, index): [string, HistogramSet][] => {
    const name = names[index] ?? null;
    return name === null ? [] : [[name, histograms]];
  });
  return new Map(named);
}
