import { OperatingError } from '../base/errors.ts';
import { chooseEngine, type EngineDecision } from '../engine/choose-engine.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import { epollOnlyPathsOf } from '../profile/epoll-rules.ts';
import type { Profile } from '../profile/profile.ts';
import { engineComplaints } from '../profile/threshold/threshold-rules.ts';

/**
 * The engine that carries out all of the profile's cohorts, and sees what its thresholds speak of.
 * @param target in the form that `--target` takes; null: the built-in one
 * @throws {OperatingError} when none can: ERR_ENGINE_UNSUPPORTED, or ERR_PROFILE_INVALID for a threshold
 */
export function pickEngine(profile: Profile, target: string | null): EngineDecision {
  const needed = cohortPlans(profile).flatMap(({ plan }) => epollOnlyPathsOf(plan));
  const epollOnly = target?.startsWith('unix:') === true ? [] : [...new Set(needed)];
  const engine = chooseEngine(profile.engine, { tls: profile.tls.enabled, epollOnly });
  const complaints = engineComplaints(profile, engine.name);
  if (complaints.length === 0) return engine;
  throw new OperatingError('ERR_PROFILE_INVALID', `Cannot judge the run: ${complaints.join('; ')}`);
}
