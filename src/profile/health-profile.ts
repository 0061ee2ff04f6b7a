/**
 * How far the generator itself may stand in the way before a run says so, and before it is no measurement of the
 * target any more. docs/health.md says what each signal is.
 */
export interface HealthProfile {
  /** Whether a run whose generator was the bottleneck is called invalid; off: it is only said. */
  enforce: boolean;
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
  'loopBusy',
  'loopDelay',
  'cpuWait',
  'gcPause',
  'steal',
  'pressure',
] as const;
export type HealthBound = (typeof HEALTH_BOUNDS)[number];

/** From which value on a signal warns, and from which on it makes invalid: shares, or microseconds. Null: never. */
export interface SignalBounds {
  warn: number | null;
  invalid: number | null;
}

/** The bounds of a profile that sets none; docs/health.md says why these. */
export const HEALTH_DEFAULTS: HealthProfile = {
  enforce: true,
  invalidShareMax: 0.05,
  bounds: {
    lateSends: { warn: 0.01, invalid: 0.1 },
    sendLag: { warn: 0.25, invalid: null },
    unsent: { warn: 0.001, invalid: 0.05 },
    shortfall: { warn: 0.01, invalid: null },
    stall: { warn: 50_000, invalid: 200_000 },
    loopBusy: { warn: 0.9, invalid: null },
    loopDelay: { warn: 0.25, invalid: 0.5 },
    cpuWait: { warn: 0.5, invalid: 0.75 },
    gcPause: { warn: 10_000, invalid: 100_000 },
    steal: { warn: 0.02, invalid: 0.1 },
    pressure: { warn: null, invalid: null },
  },
};
