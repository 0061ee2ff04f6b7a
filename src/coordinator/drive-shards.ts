import type { ShardPlan } from '../shard/shard-plan.ts';
import type { RunEvent } from '../store/run-event.ts';
import { IntervalMerger } from './interval-merger.ts';
import { steerWhile } from './live/steer-run.ts';
import { ShardPool, type WorkerSetup } from './shard-pool.ts';
import type { StopSwitch } from './stop-switch.ts';
import { intervalTaker, type IntervalTakers } from './take-interval.ts';

export interface DriveOptions extends IntervalTakers {
  plans: ShardPlan[];
  stopSwitch: StopSwitch;
  /** Is told what users ask of the run (`tidemark ctl`). */
  observeEvent?: (event: RunEvent) => void;
  workers?: WorkerSetup;
}

/** Runs all shards to their end; every merged interval is stored, added up and observed, see take-interval.ts. */
export async function driveShards(options: DriveOptions): Promise<void> {
  const { plans, writer, totals } = options;
  const shape = { shards: plans.length, cohorts: totals.names.length };
  const merger = new IntervalMerger(
    shape,
    intervalTaker(options, () => pool.drain()),
  );
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

/** How long after the start the last shard should have ended. */
function plannedUs(plans: ShardPlan[]): number {
  const ends = plans.flatMap(({ durationUs, cohorts }) => cohorts.map(({ drainUs }) => durationUs + drainUs));
  return Math.max(...ends);
}
