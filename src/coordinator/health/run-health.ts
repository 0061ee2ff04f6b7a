import type { EngineName } from '../../engine/engine.ts';
import { COUNTER } from '../../measure/counters.ts';
import type { Profile } from '../../profile/profile.ts';
import type { SessionPlan } from '../../session/session-plan.ts';
import type { ShardPlan } from '../../shard/shard-plan.ts';
import { isFor, type Calibration, type CalibrationKey } from '../../store/calibration-file.ts';
import type { Headroom } from '../../store/health-summary.ts';
import type { Manifest } from '../../store/manifest.ts';
import { calibrationKey } from '../calibration/calibration-key.ts';
import type { RunTotals } from '../run-totals.ts';
import type { SendingPlan } from './health-figures.ts';
import { HealthMonitor } from './health-monitor.ts';
import { judgeRun, type HealthVerdict } from './judge-run.ts';

/**
 * The monitor of a run, which knows how late its plan and its engine send by choice.
 * @param plan that of any shard: all of them have all cohorts
 */
export function createHealthMonitor(
  { health, thresholds }: Pick<Profile, 'health' | 'thresholds'>,
  { cohorts, engine }: ShardPlan,
): HealthMonitor {
  return new HealthMonitor({
    health,
    thresholds: thresholds.length > 0,
    sending: sendingPlan(
      cohorts.map(({ session }) => session),
      engine,
    ),
  });
}

/** Sends are judged for lateness where a rate is promised; where none is, those after a think time. */
export function sendingPlan(sessions: readonly SessionPlan[], engine: EngineName): SendingPlan {
  const open = sessions.some(({ load }) => load.model === 'open');
  const judged = sessions.map(({ load }) => (load.model === 'open' ? open : !open && load.thinkUs > 0));
  const grids = sessions.map(({ paceGridUs }, index) => (judged[index] === true ? (paceGridUs ?? 0) : 0));
  return {
    open,
    timed: judged.includes(true),
    judged,
    slackUs: Math.max(0, ...grids) + (engine === 'node' ? NODE_TIMER_US : 0),
  };
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
  // What was due before its connection was up is told by the dials.
  const connecting = counters[COUNTER['unsent:connecting']] ?? 0;
  const unsent = (counters[COUNTER.framesUnsent] ?? 0) - connecting;
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
