import { monotonicClock } from '../base/clock.ts';
import type { HistogramSet } from '../measure/histogram-set.ts';
import type { ShardPlan } from '../shard/shard-plan.ts';
import type { RunEvent } from '../store/run-event.ts';
import type { RunWriter } from '../store/run-writer.ts';
import { takeCheckpoint } from './checkpoint.ts';
import type { HealthMonitor } from './health/health-monitor.ts';
import { IntervalMerger, type MergedInterval } from './interval-merger.ts';
import { steerWhile } from './live/steer-run.ts';
import type { ResumedTime } from './resumed-time.ts';
import { toIntervalLine, type RunTotals } from './run-totals.ts';
import { ShardPool, type WorkerSetup } from './shard-pool.ts';
import type { StopSwitch } from './stop-switch.ts';
import { figuresOf } from './threshold/interval-figures.ts';
import type { TargetProcessLog } from './target-process.ts';
import type { ThresholdJudge } from './threshold/threshold-judge.ts';

export interface DriveOptions {
  plans: ShardPlan[];
  stopSwitch: StopSwitch;
  writer: RunWriter;
  /** Judges every interval before it is stored. */
  health: HealthMonitor;
  /** Holds every interval against the thresholds, which may end the run. */
  thresholds: ThresholdJudge;
  /** What the run has come to, to which it is added. */
  totals: RunTotals;
  /** Where the time of a resumed run goes on; null: it begins at 0. */
  time: ResumedTime | null;
  /** Is told of every interval once it is stored and added up in `totals`. */
  observe: (interval: MergedInterval) => void;
  /** Is told what users ask of the run (`tidemark ctl`). */
  observeEvent?: (event: RunEvent) => void;
  /** Follows the target's process, a reading an interval. */
  targetProcess?: TargetProcessLog;
  workers?: WorkerSetup;
}

/** Runs all shards to their end; every merged interval is stored, added up and observed, in this order. */
export async function driveShards(options: DriveOptions): Promise<void> {
  const { plans, writer, totals } = options;
  const cohorts = totals.names;
  const merger = new IntervalMerger({ shards: plans.length, cohorts: cohorts.length }, (interval) => {
    options.time?.place(interval);
    // What follows the end of a run by a threshold is its drain, whatever the plan says of that time.
    if (options.thresholds.abort !== null) interval.phase = 'drain';
    interval.health = options.health.judge(interval);
    const line = toIntervalLine(interval, cohorts);
    Object.assign(line.gauges, options.targetProcess?.read(interval.endUs, monotonicClock().nowUs()));
    writer.append(line, interval.histograms, namedHistograms(interval, cohorts));
    totals.addInterval(interval);
    if (options.thresholds.addInterval(figuresOf(interval, cohorts))) pool.drain();
    writer.keep(interval.endUs / 1e6, () => takeCheckpoint(interval.index, options));
    options.observe(interval);
  });
  const pool = new ShardPool(
    plans,
    {
      interval(shard, message) {
        totals.noteSnapshots(shard, message);
        merger.add(shard, message);
      },
      finished(shard, message) {
        totals.noteFinished(shard, message);
        merger.end(shard);
      },
      lost(shard, reason) {
        totals.noteLost(shard, reason);
        merger.end(shard);
      },
    },
    options.workers,
  );
  options.stopSwitch.onRequest((request) => {
    if (request === 'drain') pool.drain();
    else pool.stop('it was stopped at once by a second signal');
  });
  const [plan] = plans;
  if (plan === undefined) throw new Error('A run has at least one shard');
  const { observeEvent } = options;
  const steering = {
    plan,
    shards: pool,
    writer,
    ...(observeEvent === undefined ? {} : { observe: observeEvent }),
  };
  totals.steering = await steerWhile(steering, () => pool.run(plannedUs(plans)));
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

/** How long after the start the last shard should have ended. */
function plannedUs(plans: ShardPlan[]): number {
  const ends = plans.flatMap(({ durationUs, cohorts }) => cohorts.map(({ drainUs }) => durationUs + drainUs));
  return Math.max(...ends);
}
