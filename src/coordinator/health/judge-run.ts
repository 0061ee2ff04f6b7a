import { HEALTH_BOUNDS, type HealthBound, type HealthProfile } from '../../profile/health-profile.ts';
import type { Headroom, Health, HealthLevel, HealthSignal, WorkerLoad } from '../../store/health-summary.ts';
import { adviceOn } from './advice.ts';
import type { HealthMonitor } from './health-monitor.ts';
import { levelOf, SIGNAL_UNITS, signalValues } from './health-signals.ts';

/** What is known of a run beside its intervals. */
export interface RunFacts {
  health: HealthProfile;
  workers: number;
  cpus: number;
  /** Shards, and those that did not deliver everything. */
  shards: number;
  shardsLost: number;
  /** Sentences on counts that do not add up. */
  violations: number;
  /** Frames that the plan wanted sent. */
  framesPlanned: number;
  framesUnsent: number;
  /** Of the unsent, those that the generator itself did not come to send. */
  framesUnsentByGenerator: number;
  /** Where a calibration holds for the run. */
  headroom: Headroom | null;
}

export interface HealthVerdict {
  health: Health;
  /** Why the run is invalid, in a sentence that says what to do; null where it is not. */
  reason: string | null;
}

/**
 * A run is invalid when more of its measured time than `health.invalidIntervals` allows lies in invalid intervals,
 * and more than one of these: a short run is not condemned for a single bad moment.
 */
export function judgeRun(monitor: HealthMonitor, facts: RunFacts): HealthVerdict {
  const { intervals } = monitor;
  const { invalidShareMax, verdict } = facts.health;
  const spoiled = intervals.invalid >= INVALID_INTERVALS_MIN && intervals.invalidShare > invalidShareMax;
  const signals = boundedSignals(monitor, facts, spoiled);
  const unsent = signals.find(({ name, level }) => name === 'unsent' && level === 'invalid');
  const worst = spoiled ? worstOf(signals) : unsent;
  const share = (monitor.soundShare ?? 1) * (1 - facts.shardsLost / facts.shards);
  return {
    health: {
      score: monitor.soundShare === null ? null : share,
      signals: [...countedSignals(facts), ...signals],
      intervals,
      cpuSeconds: cpuSeconds(monitor.workers),
      workers: monitor.workers,
      headroom: facts.headroom,
    },
    reason:
      worst === undefined || verdict === 'report'
        ? null
        : `the generator stood in the way${spoiled ? ` in ${describeIntervals(monitor)}` : ''}: ${worst.advice ?? worst.name}`,
  };
}

function cpuSeconds(workers: readonly WorkerLoad[]): number | null {
  let sum = 0;
  for (const worker of workers) {
    if (worker.cpuSeconds === null) return null;
    sum += worker.cpuSeconds;
  }
  return workers.length === 0 ? null : sum;
}

function describeIntervals({ intervals: { invalid, judged } }: HealthMonitor): string {
  return `${invalid} of ${judged} intervals`;
}

/** Most intervals first, and the one furthest beyond its bound where several have as many. */
function worstOf(signals: readonly HealthSignal[]): HealthSignal | undefined {
  return signals
    .filter(({ level }) => level === 'invalid')
    .toSorted((a, b) => b.intervalsInvalid - a.intervalsInvalid || excess(b) - excess(a))[0];
}

function excess({ worst, value, invalid }: HealthSignal): number {
  return (worst ?? value) / (invalid ?? Infinity);
}

function boundedSignals(monitor: HealthMonitor, facts: RunFacts, spoiled: boolean): HealthSignal[] {
  const { figures, sending, promise, coldUntilUs } = monitor;
  const values = {
    ...signalValues(figures, sending),
    ...planValues(facts, sending.open),
    ceiling: facts.headroom?.used ?? null,
  };
  return HEALTH_BOUNDS.flatMap((name) => {
    const value = values[name];
    if (value === null) return [];
    const bounds = facts.health.bounds[name];
    const tally = monitor.tally(name);
    const level = runLevel({
      own: levelOf(name, value, bounds, promise),
      invalid: tally.invalid,
      spoiled,
      name,
    });
    const told = Math.max(tally.worst ?? 0, value);
    const { workers, cpus } = facts;
    return {
      name,
      value,
      worst: tally.worst,
      unit: SIGNAL_UNITS[name],
      ok: level === 'ok',
      level,
      ...bounds,
      intervalsWarned: tally.warned,
      intervalsInvalid: tally.invalid,
      advice: level === 'ok' ? null : adviceOn(name, told, { figures, workers, cpus, coldUntilUs }),
    };
  });
}

/** A signal that spoiled single intervals of a run that stands as a whole warns. */
function runLevel(seen: {
  own: HealthLevel;
  invalid: number;
  spoiled: boolean;
  name: HealthBound;
}): HealthLevel {
  if (seen.invalid > 0) return seen.spoiled ? 'invalid' : 'warn';
  if (seen.own === 'invalid') return seen.name === 'unsent' ? 'invalid' : 'warn';
  return seen.own;
}

/** Signals that are known of the whole run only: what the open model's plan wanted and did not get. */
function planValues(facts: RunFacts, open: boolean): { unsent: number | null; shortfall: number | null } {
  const { framesPlanned, framesUnsent, framesUnsentByGenerator } = facts;
  if (!open || framesPlanned < PLANNED_MIN) return { unsent: null, shortfall: null };
  return { unsent: framesUnsentByGenerator / framesPlanned, shortfall: framesUnsent / framesPlanned };
}

/** Signals without bounds to choose: a lost shard or a wrong count makes any run invalid. */
function countedSignals({ shardsLost, violations }: RunFacts): HealthSignal[] {
  return [counted('shardsLost', 'shards', shardsLost), counted('conservation', 'violations', violations)];
}

function counted(name: string, unit: string, value: number): HealthSignal {
  const level = value === 0 ? 'ok' : 'invalid';
  return {
    name,
    value,
    worst: null,
    unit,
    ok: value === 0,
    level,
    warn: null,
    invalid: 1,
    intervalsWarned: 0,
    intervalsInvalid: 0,
    advice: null,
  };
}

/** With fewer invalid intervals a run stands. */
const INVALID_INTERVALS_MIN = 2;
/** With fewer planned frames a single one would be a share of some size. */
const PLANNED_MIN = 1000;
