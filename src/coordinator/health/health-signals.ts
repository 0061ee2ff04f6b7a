import { HEALTH_BOUNDS, type HealthBound, type SignalBounds } from '../../profile/health-profile.ts';
import type { HealthLevel } from '../../store/health-summary.ts';
import type { HealthFigures, SendingPlan, ShardFigures } from './health-figures.ts';

/** A value a signal; null where it is not known, or does not apply. */
export type SignalValues = Record<HealthBound, number | null>;

/** The unit of each signal's value. */
export const SIGNAL_UNITS: Readonly<Record<HealthBound, 'share' | 'us'>> = {
  lateSends: 'share',
  sendLag: 'share',
  unsent: 'share',
  shortfall: 'share',
  stall: 'us',
  sleep: 'us',
  loopBusy: 'share',
  loopDelay: 'share',
  cpuWait: 'share',
  gcPause: 'us',
  steal: 'share',
  pressure: 'share',
  ceiling: 'share',
};

/** Every signal that an interval, or all of them together, can have; those of a whole run alone are null. */
export function signalValues(figures: HealthFigures, plan: SendingPlan): SignalValues {
  const { shards, machine, spanUs } = figures;
  return {
    lateSends: lateSends(figures, plan),
    sendLag: sendLagShare(figures, plan),
    unsent: null,
    shortfall: null,
    stall: most(shards.map(({ stallUs }) => stallUs)),
    sleep: figures.sleptUs,
    loopBusy: most(shards.map((shard) => busyShare(shard, spanUs))),
    loopDelay: loopDelay(figures),
    cpuWait: most(shards.map((shard) => cpuWaitShare(shard, spanUs))),
    gcPause: most(shards.map(({ gcPauseUs }) => gcPauseUs)),
    steal: machine.stealShare,
    pressure: machine.pressureShare,
    ceiling: null,
  };
}

/** What the invalid bounds are for: a rate that was promised, or a verdict that hangs on the results. */
export interface LoadPromise {
  open: boolean;
  thresholds: boolean;
}

/**
 * What the bounds make of a value. Lateness in a closed model delays what was promised to nobody: it only warns. So does
 * a closed loop that keeps the generator busy, unless thresholds would take its times for the target's.
 */
export function levelOf(
  name: HealthBound,
  value: number | null,
  bounds: SignalBounds,
  { open, thresholds }: LoadPromise,
): HealthLevel {
  if (value === null) return 'ok';
  const lateness = name === 'lateSends' || name === 'sendLag';
  const harmless = (lateness && !open) || (name === 'loopDelay' && !open && !thresholds);
  if (bounds.invalid !== null && value >= bounds.invalid) return harmless ? 'warn' : 'invalid';
  return bounds.warn !== null && value >= bounds.warn ? 'warn' : 'ok';
}

/** The signals that have a value, as they are stored. */
export function knownValues(values: SignalValues): Record<string, number> {
  const known: Record<string, number> = {};
  for (const name of HEALTH_BOUNDS) {
    const value = values[name];
    if (value !== null) known[name] = Number(value.toPrecision(STORED_DIGITS));
  }
  return known;
}

function lateSends({ sends, lateSends: late }: HealthFigures, { timed }: SendingPlan): number | null {
  return !timed || sends < SENDS_MIN ? null : late / sends;
}

/** How much of the slowest responses is our own lateness; nothing to speak of while that is no more than allowed. */
function sendLagShare(figures: HealthFigures, { timed }: SendingPlan): number | null {
  const { sends, sendLagP99Us, responseP99Us, lateLimitUs } = figures;
  if (!timed || sends < SENDS_MIN || sendLagP99Us === null || responseP99Us === null) return null;
  return sendLagP99Us <= lateLimitUs ? 0 : Math.min(1, sendLagP99Us / Math.max(1, responseP99Us));
}

/**
 * How much of a usual response is the loop's own round. A reply that arrives while a saturated loop serves others is
 * read a round later; a loop that still waits for replies reads them when they come. Where no reply is awaited a
 * saturated loop is all that the frames waited for.
 */
function loopDelay({ shards, spanUs, responseP50Us }: HealthFigures): number {
  const saturated = shards.filter((shard) => shard.turns > 0 && busyShare(shard, spanUs) >= SATURATED_SHARE);
  if (responseP50Us === null) return saturated.length > 0 ? 1 : 0;
  const shares = saturated.map(({ busyUs, turns }) => busyUs / turns / Math.max(1, responseP50Us));
  return Math.min(1, most(shares) ?? 0);
}

function busyShare({ busyUs }: ShardFigures, spanUs: number): number {
  return spanUs === 0 ? 0 : Math.min(1, busyUs / spanUs);
}

/** Of the time in which the thread wanted a processor, the share in which it had none. */
function cpuWaitShare({ cpuUs, cpuWaitUs }: ShardFigures, spanUs: number): number | null {
  if (cpuUs === null || cpuWaitUs === null) return null;
  // Each wake-up may wait for a moment: that shows in the send lag, where it matters.
  return cpuWaitUs < WAIT_SHARE_MIN * spanUs ? 0 : cpuWaitUs / (cpuUs + cpuWaitUs);
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** With fewer sends a single one that is late would be a share of some size. */
const SENDS_MIN = 20;
/** A loop that waits for less than a twentieth of the time has no time left. */
const SATURATED_SHARE = 0.95;
/** A thread that had to wait for less than a fifth of an interval had most of it. */
const WAIT_SHARE_MIN = 0.2;
const STORED_DIGITS = 4;
