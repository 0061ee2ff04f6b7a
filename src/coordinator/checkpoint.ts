import { CHECKPOINT_VERSION, type Checkpoint } from '../store/checkpoint.ts';
import type { HealthMonitor } from './health/health-monitor.ts';
import type { RunTotals } from './run-totals.ts';
import type { ThresholdJudge } from './threshold/threshold-judge.ts';

/** Everything that adds up over a run. */
export interface RunAccounts {
  totals: RunTotals;
  health: HealthMonitor;
  thresholds: ThresholdJudge;
}

/** What a run has come to with its interval number `index`. */
export function takeCheckpoint(index: number, { totals, health, thresholds }: RunAccounts): Checkpoint {
  const { cohorts, intervals } = totals;
  return {
    version: CHECKPOINT_VERSION,
    index,
    endSeconds: totals.endUs / 1e6,
    intervals,
    totals: totals.state(),
    cohorts: cohorts.length === 1 ? [] : cohorts.map((cohort) => cohort.state()),
    health: health.state(),
    thresholds: thresholds.state(),
  };
}

/** Makes the accounts of a run go on from a checkpoint: they must be fresh. */
export function restoreCheckpoint(checkpoint: Checkpoint, { totals, health, thresholds }: RunAccounts): void {
  totals.restore(checkpoint.totals);
  totals.intervals += checkpoint.intervals;
  checkpoint.cohorts.forEach((state, index) => totals.cohorts[index]?.restore(state));
  health.restore(checkpoint.health);
  thresholds.restore(checkpoint.thresholds);
}
