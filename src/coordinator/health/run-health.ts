import type { EngineName } from '../../engine/engine.ts';
import { COUNTER } from '../../measure/counters.ts';
import { isOpenModel } from '../../profile/load-model.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Manifest } from '../../store/manifest.ts';
import type { RunTotals } from '../run-totals.ts';
import { PACE_GRID_US } from '../plan-shards.ts';
import { HealthMonitor } from './health-monitor.ts';
import { judgeRun, type HealthVerdict } from './judge-run.ts';

/** The monitor of a run, which knows how late its plan and its engine send by choice. */
export function createHealthMonitor(profile: Profile, engine: EngineName): HealthMonitor {
  const open = isOpenModel(profile);
  return new HealthMonitor({
    health: profile.health,
    sending: { open, timed: open || profile.load.thinkUs > 0 },
    slackUs: PACE_GRID_US[profile.load.pacing] + (engine === 'node' ? NODE_TIMER_US : 0),
  });
}

/** What the generator's health makes of a whole run. */
export function judgeTotals(
  monitor: HealthMonitor,
  totals: RunTotals,
  { workers, host, profile }: Manifest,
): HealthVerdict {
  const { counters, fates, violations } = totals;
  const sent = counters[COUNTER.framesSent] ?? 0;
  const unsent = counters[COUNTER.framesUnsent] ?? 0;
  return judgeRun(monitor, {
    health: profile.health,
    workers,
    cpus: host.cpus,
    shards: fates.length,
    shardsLost: fates.filter(({ state }) => state === 'lost').length,
    violations: violations.length,
    framesPlanned: sent + unsent,
    framesUnsent: unsent,
    framesUnsentByGenerator: counters[COUNTER['unsent:generator']] ?? 0,
  });
}

/** The node engine's timers count in whole milliseconds. */
const NODE_TIMER_US = 1000;
