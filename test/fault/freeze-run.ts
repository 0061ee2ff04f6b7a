import type { EngineName } from '../../src/engine/engine.ts';
import type { Summary } from '../../src/store/summary.ts';
import { faultRun } from './fault-run.ts';

/** A run through a freeze of its target; times in milliseconds. */
export interface FreezePlan {
  durationMs: number;
  freezeMs: number;
  /** From the target's start, a little before the run's. */
  freezeAtMs: number;
  ratePerSecond: number;
}

/**
 * Four connections with one frame in flight on each: four frames meet the freeze in the target, the others wait in the
 * client, so that service times show next to nothing of what response times show.
 */
export async function runThroughFreeze(engine: EngineName, plan: FreezePlan): Promise<Summary> {
  const { summary } = await faultRun(engine, {
    faults: [`freeze:${plan.freezeMs}ms/${plan.freezeAtMs}ms`],
    load: {
      connections: '4',
      window: '1',
      totalRate: `${plan.ratePerSecond}/s`,
      duration: `${plan.durationMs}ms`,
    },
  });
  return summary;
}

/**
 * The response time in microseconds that the schedule implies at `quantile`, where a thaw answers everything at once: of
 * N frames in all, R a second, those of the freeze wait from their intended start until it ends, 1 / R less from one to
 * the next; so the longest of a share q of all are longer than the freeze less q N / R.
 */
export function impliedResponseUs(plan: FreezePlan, quantile: number): number {
  return (plan.freezeMs - (1 - quantile) * plan.durationMs) * 1000;
}
