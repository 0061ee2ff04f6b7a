import type { Profile } from '../../profile/profile.ts';

/** The runs of a calibration: the profile's frames and connections, under loads of the calibration's own. */
export interface CalibrationPlans {
  ceiling: Profile;
  dials: Profile;
  /** @param framesPerSecondMax the ceiling, which the load stays far below */
  noise: (framesPerSecondMax: number) => Profile;
}

/** @param target the null target's address */
export function calibrationPlans(profile: Profile, target: string): CalibrationPlans {
  const plain: Profile = {
    ...profile,
    target,
    label: 'calibration',
    durationUs: RUN_US,
    warmupUs: WARMUP_US,
    stages: [],
    cohorts: [],
    thresholds: [],
    heartbeat: null,
    health: { ...profile.health, verdict: 'report' },
    connections: {
      ...profile.connections,
      ratePerSecond: null,
      rampUs: null,
      lifetime: null,
      reconnect: 'none',
      backoff: null,
    },
  };
  const closed = {
    window: profile.load.window ?? 1,
    thinkUs: 0,
    ratePerSecond: null,
    totalRatePerSecond: null,
  };
  return {
    ceiling: { ...plain, load: { ...profile.load, ...closed } },
    dials: {
      ...plain,
      durationUs: DIALS_US,
      warmupUs: 0,
      load: { ...profile.load, ...closed, window: 1 },
      connections: {
        ...plain.connections,
        count: Math.max(profile.workers, Math.min(DIALS_AT_ONCE, profile.connections.count)),
        lifetime: { kind: 'frames', count: 1 },
        reconnect: 'immediate',
        // An RST leaves no TIME_WAIT behind, in which the ports of so many dials would wait for a minute.
        close: 'reset',
      },
    },
    noise: (framesPerSecondMax) => ({
      ...plain,
      load: {
        ...profile.load,
        ...closed,
        window: null,
        totalRatePerSecond: Math.max(
          NOISE_RATE_MIN,
          Math.min(NOISE_RATE, Math.floor(framesPerSecondMax * NOISE_SHARE)),
        ),
      },
    }),
  };
}

const RUN_US = 4_000_000;
/** The first second meets cold code on both sides. */
const WARMUP_US = 1_000_000;
const DIALS_US = 2_000_000;
const DIALS_AT_ONCE = 50;
/** Frames a second at which neither side has anything to do, and a hundredth of which is still enough to tell. */
const NOISE_RATE = 1000;
/** For frames so large that this would be a load: a twentieth of the ceiling. */
const NOISE_SHARE = 0.05;
const NOISE_RATE_MIN = 50;
