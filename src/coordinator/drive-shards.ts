import type { HistogramSet } from '../measure/histogram-set.ts';
import type { ShardPlan } from '../shard/shard-plan.ts';
import type { RunWriter } from '../store/run-writer.ts';
import type { HealthMonitor } from './health/health-monitor.ts';
import { IntervalMerger, type MergedInterval } from './interval-merger.ts';
import { steerWhile } from './live/steer-run.ts';
import { RunTotals, toIntervalLine } from './run-totals.ts';
import { ShardPool, type WorkerSetup } from './shard-pool.ts';
import type { StopSwitch } from './stop-switch.ts';
import { intervalFigures } from './threshold/interval-figures.ts';
import type { IntervalFigures } from './threshold/observed-figures.ts';
import type { ThresholdJudge } from './threshold/threshold-judge.ts';

export interface DriveOptions {
  plans: ShardPlan[];
  stopSwitch: StopSwitch;
  writer: RunWriter;
  /** Judges every interval before it is stored. */
  health: HealthMonitor;
  /** Holds every interval against the thresholds, which may end the run. */
  thresholds: ThresholdJudge;
  observe: (interval: MergedInterval) => void;
  workers?: WorkerSetup;
}

/**
 * Runs all shards to their end; every merged interval is stored, observed and added up, in this order.
 * @throws {OperatingError} when an interval cannot be stored: the shards are stopped first (ERR_STORE)
 */
export async function driveShards(options: DriveOptions): Promise<RunTotals> {
  const { plans, writer } = options;
  const cohorts = cohortNames(plans);
  const totals = new RunTotals(plans.length, cohorts);
  let failure: unknown = null;
  const merger = new IntervalMerger({ shards: plans.length, cohorts: cohorts.length }, (interval) => {
    if (failure !== null) return;
    // What follows the end of a run by a threshold is its drain, whatever the plan says of that time.
    if (options.thresholds.abort !== null) interval.phase = 'drain';
    interval.health = options.health.judge(interval);
    try {
      writer.append(
        toIntervalLine(interval, cohorts),
        interval.histograms,
        namedHistograms(interval, cohorts),
      );
    } catch (error) {
      failure = error;
      pool.stop('the run could not be stored');
      return;
    }
    totals.addInterval(interval);
    if (options.thresholds.addInterval(figuresOf(interval, cohorts))) pool.drain();
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
  totals.steering = await steerWhile({ plan, shards: pool, writer }, () => pool.run(plannedUs(plans)));
  if (failure !== null) throw failure;
  return totals;
}

/** The figures of an interval by the name of a cohort; null: of the whole. */
function figuresOf(
  interval: MergedInterval,
  names: readonly (string | null)[],
): (cohort: string | null) => IntervalFigures {
  return (cohort) => intervalFigures(interval, interval.cohorts[names.indexOf(cohort)] ?? interval);
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

/** The same in every shard. */
function cohortNames(plans: readonly ShardPlan[]): (string | null)[] {
  return plans[0]?.cohorts.map(({ name }) => name) ?? [null];
}

/** How long after the start the last shard should have ended. */
function plannedUs(plans: ShardPlan[]): number {
  const ends = plans.flatMap(({ durationUs, cohorts }) => cohorts.map(({ drainUs }) => durationUs + drainUs));
  return Math.max(...ends);
}
