/**
 * How far the generator itself may stand in the way before a run says so, and before it is no measurement of the
 * target any more. docs/health.md says what each signal is.
 */
export interface HealthProfile {
  /** `enforce`: a run whose generator was the bottleneck is invalid. `report`: that is only said. */
  verdict: 'enforce' | 'report';
  /** Share of the measured time that may lie in invalid intervals. */
  invalidShareMax: number;
  bounds: Readonly<Record<HealthBound, SignalBounds>>;
}

/** The signals whose bounds can be set, in the order in which they are told. */
export const HEALTH_BOUNDS = [
  'lateSends',
  'sendLag',
  'unsent',
  'shortfall',
  'stall',
  'sleep',
  'loopBusy',
  'loopDelay',
  'cpuWait',
  'gcPause',
  'steal',
  'pressure',
  'ceiling',
] as const;
export type HealthBound = (typeof HEALTH_BOUNDS)[number];

/** From which value on a signal warns, and from which on it makes invalid: shares, or microseconds. Null: never. */
export interface SignalBounds {
  warn: number | null;
  invalid: number | null;
}

/** What the keys of the section can be given, by their path. */
export type HealthValues = {
  'health.verdict': HealthProfile['verdict'];
  /** A share, 0 to 1. */
  'health.invalidIntervals': number;
} & { [B in HealthBound as `health.${B}`]: SignalBounds };
