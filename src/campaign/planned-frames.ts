import { isOpenModel } from '../profile/load-model.ts';
import type { Profile } from '../profile/profile.ts';

/** Frames that a run's plan has due after its warm-up; null where the replies' own pace decides, or stages and cohorts do. */
export function plannedFrames(profile: Profile): number | null {
  const { load, connections, stages, cohorts, durationUs, warmupUs } = profile;
  if (!isOpenModel(profile) || stages.length > 0 || cohorts.length > 0) return null;
  const perSecond = load.totalRatePerSecond ?? (load.ratePerSecond ?? 0) * connections.count;
  return (perSecond * (durationUs - warmupUs)) / 1e6;
}
