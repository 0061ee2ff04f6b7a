import type { Profile } from '../profile/profile.ts';

/** How long a trial takes, in microseconds. */
export interface TrialTimes {
  measuredUs: number;
  warmupUs: number;
}

/** The profile of a trial at a rate: the base's own but for its load and its times. */
export function rateTrial(
  base: Profile,
  ratePerSecond: number,
  { measuredUs, warmupUs }: TrialTimes,
): Profile {
  const durationUs = warmupUs + measuredUs;
  return {
    ...base,
    durationUs,
    warmupUs,
    stages: [],
    load: { ...base.load, ratePerSecond: null, totalRatePerSecond: ratePerSecond },
    // A load of twice what the target carries leaves as much behind as the trial took.
    timeouts: { ...base.timeouts, drainUs: Math.max(base.timeouts.drainUs, 2 * durationUs) },
  };
}

/** The profile of a trial that holds connections: dialled, held with heartbeats, and reset. */
export function holdTrial(base: Profile, count: number, { measuredUs }: TrialTimes): Profile {
  const { ratePerSecond } = base.connections;
  const dialsUs = (count / (ratePerSecond ?? DIALS_PER_SECOND)) * 1e6 + DIALS_EXTRA_US;
  return {
    ...base,
    durationUs: dialsUs + measuredUs,
    warmupUs: 0,
    stages: [],
    workers: Math.min(base.workers, count),
    connections: {
      ...base.connections,
      count,
      rampUs: null,
      lifetime: null,
      reconnect: 'none',
      backoff: null,
      // In order they would leave this machine's ports in TIME_WAIT for a minute, and the next trial without.
      close: 'reset',
    },
  };
}

/**
 * A short load far below what is asked, to see whether the target has got over the last trial. It demands nothing: a target
 * that still has replies to give keeps it waiting for its own.
 */
export function settlingTrial(base: Profile, of: 'rate' | 'connections', load: number): Profile {
  const times = { measuredUs: SETTLING_US, warmupUs: 0 };
  const profile = of === 'rate' ? rateTrial(base, load, times) : holdTrial(base, load, times);
  const timeouts = { ...profile.timeouts, drainUs: SETTLING_DRAIN_US, readUs: SETTLING_DRAIN_US };
  return { ...profile, label: 'settling', thresholds: [], timeouts };
}

/** Dials a second that every generator makes, even where it must search for free ports. */
const DIALS_PER_SECOND = 1000;
const DIALS_EXTRA_US = 500_000;
const SETTLING_US = 500_000;
const SETTLING_DRAIN_US = 60_000_000;
