import type { EngineName } from '../../engine/engine.ts';
import { COUNTER } from '../../measure/counters.ts';
import { cohortPlans } from '../../profile/cohorts.ts';
import { isOpenModel } from '../../profile/load-model.ts';
import type { Profile } from '../../profile/profile.ts';
import { isFor, type Calibration, type CalibrationKey } from '../../store/calibration-file.ts';
import type { Headroom } from '../../store/health-summary.ts';
import type { Manifest } from '../../store/manifest.ts';
import { calibrationKey } from '../calibration/calibration-key.ts';
import type { RunTotals } from '../run-totals.ts';
import { PACE_GRID_US } from '../plan-shards.ts';
import { HealthMonitor } from './health-monitor.ts';
import { judgeRun, type HealthVerdict } from './judge-run.ts';

/** The monitor of a run, which knows how late its plan and its engine send by choice. */
export function createHealthMonitor(profile: Profile, engine: EngineName): HealthMonitor {
  const plans = cohortPlans(profile).map(({ plan }) => plan);
  const open = plans.some(isOpenModel);
  return new HealthMonitor({
    health: profile.health,
    sending: { open, timed: open || plans.some(({ load }) => load.thinkUs > 0) },
    slackUs:
      Math.max(...plans.map(({ load }) => PACE_GRID_US[load.pacing])) +
      (engine === 'node' ? NODE_TIMER_US : 0),
  });
}

/** What the generator's health makes of a whole run. */
export function judgeTotals(
  monitor: HealthMonitor,
  totals: RunTotals,
  { workers, host, profile, engine, tool }: Manifest,
  calibrations: readonly Calibration[],
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
    headroom: headroomOf(totals, findCalibration(calibrations, calibrationKey(profile, engine, tool))),
  });
}

function findCalibration(calibrations: readonly Calibration[], key: CalibrationKey): Calibration | null {
  return calibrations.findLast((calibration) => isFor(calibration, key)) ?? null;
}

function headroomOf({ measured, measuredUs }: RunTotals, calibration: Calibration | null): Headroom | null {
  if (calibration === null || measuredUs === 0) return null;
  const { ceiling, noise, measuredAt } = calibration;
  const frames = (measured[COUNTER.framesMatched] ?? 0) + (measured[COUNTER.framesOneWay] ?? 0);
  const used = (frames * 1e6) / measuredUs / ceiling.framesPerSecondMax;
  return {
    ceilingFramesPerSecond: ceiling.framesPerSecondMax,
    used,
    left: Math.max(0, 1 - used),
    calibratedAt: measuredAt,
    noise: {
      sendLagP50: noise.sendLag.p50,
      sendLagP99: noise.sendLag.p99,
      responseP50: noise.response.p50,
      responseP99: noise.response.p99,
    },
  };
}

/** The node engine's timers count in whole milliseconds. */
const NODE_TIMER_US = 1000;
