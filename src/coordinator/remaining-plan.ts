import { firstRatePerSecond } from '../profile/load-model.ts';
import type { CohortProfile, Profile, StageProfile } from '../profile/profile.ts';

/**
 * What is left of a plan that was followed for `doneUs`: the rest of its duration and of its stages, which go on from
 * where they were. Connections are dialled anew, so the warm-up comes again, in at most half of what is left.
 */
export function remainingPlan(profile: Profile, doneUs: number): Profile {
  const durationUs = profile.durationUs - doneUs;
  return {
    ...profile,
    ...remainingSections(profile, doneUs),
    durationUs,
    warmupUs: Math.min(profile.warmupUs, Math.floor(durationUs / 2)),
    cohorts: profile.cohorts.map((cohort): CohortProfile => {
      return { ...cohort, ...remainingSections({ ...profile, ...cohort }, doneUs) };
    }),
  };
}

/** The sections that stages change. */
function remainingSections(
  profile: Profile,
  doneUs: number,
): Pick<Profile, 'connections' | 'load' | 'stages'> {
  const { connections, load, stages } = profile;
  if (stages.length === 0) return { connections, load, stages };
  const start = { ratePerSecond: firstRatePerSecond(profile), connections: connections.count };
  const { at, left } = cutStages(stages, start, doneUs);
  const isOpen = load.ratePerSecond !== null || load.totalRatePerSecond !== null;
  const isPaced = isOpen || stages.some(({ ratePerSecond }) => ratePerSecond !== null);
  return {
    connections: { ...connections, count: Math.round(at.connections) },
    load: isPaced ? { ...load, ratePerSecond: null, totalRatePerSecond: at.ratePerSecond } : load,
    stages: left,
  };
}

interface Values {
  ratePerSecond: number;
  connections: number;
}

function cutStages(
  stages: readonly StageProfile[],
  start: Values,
  doneUs: number,
): { at: Values; left: StageProfile[] } {
  let at = start;
  let restUs = doneUs;
  for (const [index, stage] of stages.entries()) {
    const end = {
      ratePerSecond: stage.ratePerSecond ?? at.ratePerSecond,
      connections: stage.connections ?? at.connections,
    };
    if (restUs < stage.durationUs) {
      const share = restUs / stage.durationUs;
      const left = [{ ...stage, durationUs: stage.durationUs - restUs }, ...stages.slice(index + 1)];
      return { at: between(at, end, share), left };
    }
    restUs -= stage.durationUs;
    at = end;
  }
  return { at, left: [] };
}

function between(from: Values, to: Values, share: number): Values {
  return {
    ratePerSecond: from.ratePerSecond + (to.ratePerSecond - from.ratePerSecond) * share,
    connections: from.connections + (to.connections - from.connections) * share,
  };
}
