import { OperatingError } from '../base/errors.ts';
import { formatDuration, formatRate } from '../base/units.ts';
import type { LoadKind } from '../analysis/capacity/capacity-result.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { isOpenModel, peakRatePerSecond } from '../profile/load-model.ts';
import type { ProfileFile } from '../profile/profile-file.ts';
import type { Profile } from '../profile/profile.ts';

/** Where a search's profile comes from, and what the search itself says of it. */
export interface BaseSources {
  file: ProfileFile;
  environment: Readonly<Record<string, string | undefined>>;
  flags: Readonly<Record<string, unknown>>;
  sets: readonly string[];
  of: LoadKind;
  measuredUs: number;
  /** Null: the profile's own rate, or a default. */
  startLoad: number | null;
}

/** What all trials of a search have in common. */
export interface SearchBase {
  profile: Profile;
  startLoad: number;
  warmupUs: number;
}

/**
 * The profile of a search: the user's own, validated with the load and the times of a first trial in the place of its
 * own. What is overridden: duration, stages, load.rate and load.totalRate; for connections also connections.count, ramp,
 * lifetime, reconnect and close, and, where the profile has no rate for each connection, load.send.
 * @throws {OperatingError} when the profile is bad, or no search can be made with it (ERR_PROFILE_INVALID)
 */
export function searchBase(sources: BaseSources): SearchBase {
  const own = loadProfile(sources.file, sources.environment, sources.flags, sources.sets);
  if (own.cohorts.length > 0) {
    throw refusal(
      'it has cohorts, and no one load says how much each of them is to get; search with one of them alone',
    );
  }
  const base = sources.of === 'rate' ? rateBase(own, sources) : holdBase(own, sources);
  refuseLongWindows(base.profile, sources.measuredUs);
  return base;
}

function rateBase(
  own: Profile,
  { file, environment, flags, sets, measuredUs, startLoad }: BaseSources,
): SearchBase {
  const planned = isOpenModel(own) ? peakRatePerSecond(own) : 0;
  const start = startLoad ?? (planned > 0 ? planned : START_RATE);
  const warmupUs = own.warmupUs > 0 ? own.warmupUs : WARMUP_US;
  const fixed = {
    totalRate: formatRate(start),
    duration: formatDuration(warmupUs + measuredUs),
    warmup: formatDuration(warmupUs),
  };
  const profile = loadProfile(file, environment, { ...flags, ...fixed }, [...sets, 'stages=null']);
  return { profile, startLoad: start, warmupUs };
}

function holdBase(own: Profile, sources: BaseSources): SearchBase {
  const { file, environment, flags, sets, measuredUs, startLoad } = sources;
  const start = startLoad ?? START_CONNECTIONS;
  const sends = own.load.ratePerSecond !== null;
  const third = formatDuration(Math.floor(measuredUs / 3));
  const fixed = { connections: String(start), workers: String(Math.min(own.workers, start)) };
  const quiet = [
    'load.send=off',
    'load.totalRate=null',
    'load.window=null',
    'load.think=0s',
    'match.mode=id',
  ];
  const beats = own.heartbeat === null ? [`heartbeat.every=${third}`, `heartbeat.timeout=${third}`] : [];
  const common = [
    'stages=null',
    'warmup=0s',
    'connections.ramp=null',
    'connections.lifetime=null',
    'connections.reconnect=none',
    'connections.backoff=null',
    `duration=${formatDuration(measuredUs + DIAL_US)}`,
  ];
  const profile = loadProfile(file, environment, { ...flags, ...fixed }, [
    ...sets,
    ...common,
    ...(sends ? [] : quiet),
    ...beats,
  ]);
  refuseRareHeartbeats(profile, measuredUs);
  return { profile, startLoad: start, warmupUs: 0 };
}

/** Each connection must be asked, and its answer judged, while all are held. */
function refuseRareHeartbeats({ heartbeat }: Profile, measuredUs: number): void {
  if (heartbeat === null || heartbeat.everyUs + heartbeat.timeoutUs <= measuredUs) return;
  throw refusal(
    `its heartbeats (every ${formatDuration(heartbeat.everyUs)}, timeout ${formatDuration(heartbeat.timeoutUs)}) do not ` +
      `come round within a trial of ${formatDuration(measuredUs)}; give a longer --trial, or shorter heartbeats`,
  );
}

/** A window that no trial fills would fail every trial. */
function refuseLongWindows({ thresholds }: Profile, measuredUs: number): void {
  const long = thresholds.find(({ windowUs }) => windowUs !== null && windowUs > measuredUs);
  if (long === undefined) return;
  throw refusal(
    `its threshold '${long.expr}' judges windows of ${formatDuration(long.windowUs ?? 0)}, longer than a trial of ` +
      `${formatDuration(measuredUs)}; give a longer --trial, or drop the window`,
  );
}

function refusal(what: string): OperatingError {
  return new OperatingError('ERR_PROFILE_INVALID', `Cannot search for capacity with this profile: ${what}`);
}

/** Frames a second of the first trial where the profile has no rate: nearly every server carries so many. */
const START_RATE = 1000;
const START_CONNECTIONS = 100;
/** Of each trial: connections are made in it, and code gets warm. */
const WARMUP_US = 1_000_000;
const DIAL_US = 1_000_000;
