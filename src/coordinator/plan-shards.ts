import { parseBytes } from '../base/byte-text.ts';
import { Random } from '../base/random.ts';
import type { EngineName, TargetAddress } from '../engine/engine.ts';
import type { TlsMaterial } from '../engine/tls-material.ts';
import { parseFrameFormat } from '../framing/frame-format.ts';
import { parsePayloadSize } from '../framing/payload-size.ts';
import { parsePushStamp } from '../framing/push-stamp.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import {
  connectionStages,
  firstRatePerSecond,
  isOpenModel,
  peakConnections,
  rateStages,
} from '../profile/load-model.ts';
import type { HeartbeatProfile, PacingChoice, Profile } from '../profile/profile.ts';
import { share } from '../schedule/split.ts';
import type { HeartbeatPlan, LoadPlan, PayloadPlan, SessionPlan } from '../session/session-plan.ts';
import type { CohortPlan, ShardPlan } from '../shard/shard-plan.ts';
import { fittingSources } from './check-sources.ts';
import { readMessageFile } from './read-material.ts';

/** What the plan needs beside the profile. */
export interface ResolvedTarget {
  engine: EngineName;
  addresses: TargetAddress[];
  tls: TlsMaterial | null;
}

/**
 * One plan a worker. Connections go round in turn (connection n to shard n mod S), and so do dials and arrivals, so
 * the parts add up to the profile exactly and interleave in time.
 * @throws {OperatingError} when the message file cannot be used, or an address of the target can be dialled from none
 * of the source addresses (ERR_PROFILE_INVALID)
 */
export function planShards(profile: Profile, target: ResolvedTarget): ShardPlan[] {
  const { engine } = target;
  const { workers: shards, warmupUs, durationUs } = profile;
  const cohorts = planCohorts(profile, target);
  return Array.from({ length: shards }, (_, shard) => ({
    shard,
    shards,
    engine,
    warmupUs,
    durationUs,
    cohorts: cohorts.map((cohort) => partOf(cohort, shard, shards)),
  }));
}

/** A cohort before it is split. */
interface WholeCohort {
  name: string | null;
  profile: Profile;
  session: SessionPlan;
}

function planCohorts(profile: Profile, target: ResolvedTarget): WholeCohort[] {
  let firstConnection = 0;
  return cohortPlans(profile).map(({ name, plan }, index) => {
    const place = { firstConnection, seed: cohortSeed(profile.seed, index) };
    const session = { ...planSession(plan, target), ...place };
    firstConnection += session.connections;
    return { name, profile: plan, session };
  });
}

/** Every cohort draws from streams of its own; the first from those that a run without cohorts has. */
function cohortSeed(seed: number, index: number): number {
  return index === 0 ? seed : new Random(seed, index).uint32();
}

function partOf({ name, profile, session }: WholeCohort, shard: number, shards: number): CohortPlan {
  const { connections } = profile;
  // The shards go on taking turns where the cohort before left off, so that small cohorts do not all meet in the first.
  const part = (shard + shards - (session.firstConnection % shards)) % shards;
  return {
    name,
    session,
    part,
    parts: shards,
    connections: share(peakConnections(profile), part, shards),
    dial: {
      schedule: { ratePerSecond: dialRatePerSecond(profile), shard: part, shards },
      concurrentDials: dialsOfShard(connections.concurrentDials, part, shards),
      stages: { connections: connections.count, stages: connectionStages(profile) },
    },
    drainUs: profile.timeouts.drainUs,
  };
}

function planSession(profile: Profile, { addresses, tls }: ResolvedTarget): SessionPlan {
  const format = parseFrameFormat(profile.frame.format);
  const { connections, preface, timeouts, match } = profile;
  return {
    addresses,
    tls,
    socket: profile.socket,
    sourceIps: fittingSources(connections.sourceIps, addresses),
    frame: { format, header: bytesOrNull(profile.frame.header), maxBytes: profile.frame.maxBytes },
    payload: planPayload(profile),
    preface: {
      send: bytesOrNull(preface.send),
      expect: bytesOrNull(preface.expect),
      timeoutUs: preface.timeoutUs,
    },
    load: planLoad(profile),
    paceGridUs: PACE_GRID_US[profile.load.pacing],
    match: { mode: match.mode, verifyEcho: match.verify === 'echo' },
    heartbeat: planHeartbeat(profile.heartbeat),
    lifetime: connections.lifetime,
    reconnect: connections.reconnect,
    backoff: connections.backoff,
    close: connections.close,
    timeouts: { connectUs: timeouts.connectUs, readUs: timeouts.readUs, writeUs: timeouts.writeUs },
    connections: peakConnections(profile),
    firstConnection: 0,
    seed: profile.seed,
    warmupUs: profile.warmupUs,
    durationUs: profile.durationUs,
  };
}

function planPayload({ payload }: Profile): PayloadPlan {
  const pushStamp = payload.pushStamp === null ? null : parsePushStamp(payload.pushStamp);
  const stamps = { stamp: payload.stamp === 'on', pushStamp };
  if (payload.size !== null) return { size: parsePayloadSize(payload.size), message: null, ...stamps };
  const message = payload.file === null ? parseBytes(payload.message ?? '') : readMessageFile(payload.file);
  return { size: null, message, ...stamps };
}

function planHeartbeat(heartbeat: HeartbeatProfile | null): HeartbeatPlan | null {
  return heartbeat === null ? null : { ...heartbeat, payload: bytesOrNull(heartbeat.payload) };
}

function planLoad(profile: Profile): LoadPlan {
  const { window, thinkUs, arrivals } = profile.load;
  if (profile.load.send === 'off') return { model: 'closed', window: 1, thinkUs: 0, listens: true };
  if (!isOpenModel(profile)) return { model: 'closed', window: window ?? 1, thinkUs };
  const totalRatePerSecond = firstRatePerSecond(profile);
  return { model: 'open', totalRatePerSecond, stages: rateStages(profile), arrivals, window };
}

/** No worker's share is nothing, and all is no limit. */
function dialsOfShard(concurrentDials: number | 'all', shard: number, shards: number): number {
  return concurrentDials === 'all' ? Infinity : Math.max(1, share(concurrentDials, shard, shards));
}

function dialRatePerSecond({ connections }: Profile): number | null {
  if (connections.rampUs !== null) return connections.count / (connections.rampUs / 1e6);
  return connections.ratePerSecond;
}

function bytesOrNull(text: string | null): Uint8Array | null {
  return text === null ? null : parseBytes(text);
}

/** How far apart the times are at which frames leave together; 0: each at its own. */
const PACE_GRID_US: Readonly<Record<PacingChoice, number>> = {
  precise: 0,
  balanced: 250,
  // Less than the millisecond that it promises, since a burst takes its time to leave.
  frugal: 950,
};
