import type { Backoff } from '../schedule/backoff.ts';
import type { Lifetime } from '../schedule/lifetime.ts';
import type { HealthProfile } from './health-profile.ts';
import type { ArrivalKind } from '../schedule/open-schedule.ts';

/**
 * The validated plan of a run. Every quantity carries its unit in its name; the YAML form (`duration: 10s`) is
 * turned into this one by `load-profile.ts` and back by `format-profile.ts`.
 */
export interface Profile {
  /** `host:port`, `[v6]:port` or `unix:/path`; null starts the built-in target beside the run. */
  target: string | null;
  label: string;
  /** How long frames are sent, the connection ramp and the warm-up included. */
  durationUs: number;
  /** Frames whose intended start lies in the first `warmupUs` of the run are left out of the results. */
  warmupUs: number;
  seed: number;
  /** Worker threads, each of which runs one shard. */
  workers: number;
  engine: EngineChoice;
  connections: ConnectionsProfile;
  load: LoadProfile;
  /** How rate and connections change over the run, one after the other; none: they stay as they are. */
  stages: StageProfile[];
  frame: FrameProfile;
  payload: PayloadProfile;
  preface: PrefaceProfile;
  match: MatchProfile;
  timeouts: TimeoutsProfile;
  /** Frames that ask a quiet target whether it lives; null: none. */
  heartbeat: HeartbeatProfile | null;
  socket: SocketProfile;
  tls: TlsProfile;
  /** What the run must come to; a run that fails one of them has failed. */
  thresholds: ThresholdProfile[];
  safety: SafetyProfile;
  health: HealthProfile;
  record: RecordProfile;
  /** Groups of connections that behave alike, in the order of the profile; none: all connections are one group. */
  cohorts: CohortProfile[];
}

/** A group of connections with all that distinguishes it from the others; the sections are settled for it alone. */
export interface CohortProfile extends Pick<
  Profile,
  | 'connections'
  | 'load'
  | 'stages'
  | 'frame'
  | 'payload'
  | 'preface'
  | 'match'
  | 'timeouts'
  | 'heartbeat'
  | 'socket'
> {
  name: string;
}

export type EngineChoice = 'auto' | 'node' | 'epoll';

export interface ConnectionsProfile {
  /** At the start; `peakConnections` has the most there are at one time. 0 only where a stage leads to more. */
  count: number;
  /** Dials started a second over all workers; null when dials are paced by `concurrentDials` alone. */
  ratePerSecond: number | null;
  /** Spread the dials evenly over this time instead; never set together with `ratePerSecond`. */
  rampUs: number | null;
  /**
   * Dials in progress at one time over all workers; it keeps an unpaced ramp from overflowing a backlog. `all`: no limit,
   * every connection is dialled at once.
   */
  concurrentDials: number | 'all';
  /** Local addresses that dials take in turn, as written; `expandSourceIps` reads them. None: the kernel chooses. */
  sourceIps: string[];
  /** When the plan closes a connection before the run ends; null: never. */
  lifetime: Lifetime | null;
  /** Whether a connection that ended is dialled again. */
  reconnect: ReconnectChoice;
  /** The pauses before dials are repeated; null unless `reconnect` is `backoff`. */
  backoff: Backoff | null;
  close: CloseChoice;
}

export type ReconnectChoice = 'none' | 'immediate' | 'backoff';

/**
 * How the plan closes a session. `fin`: in order, waiting for the peer's FIN; `reset`: RST; `half`: FIN right after
 * the last frame, while replies are still awaited.
 */
export type CloseChoice = 'fin' | 'reset' | 'half';

export interface LoadProfile {
  /** Off: the connections only listen, apart from heartbeats. */
  send: 'on' | 'off';
  /** Closed model: frames in flight a connection. Null in the open model (a rate without a window). */
  window: number | null;
  /** Closed model: pause between a reply and the next frame. */
  thinkUs: number;
  /** Open model: frames a second on each connection. */
  ratePerSecond: number | null;
  /** Open model: frames a second over all connections; never set together with `ratePerSecond`. */
  totalRatePerSecond: number | null;
  /** Open model: how frames follow one another at their rate. */
  arrivals: ArrivalKind;
  pacing: PacingChoice;
}

/**
 * How exactly a frame is sent when it is due. `precise`: then; `balanced`: with all that are due within 250 us; `frugal`:
 * with all that are due within 950 us. A wake-up of the generator costs more than a frame.
 */
export type PacingChoice = 'precise' | 'balanced' | 'frugal';

/**
 * A part of the run over which values go in a straight line from where they were to the stage's own. Null: the value
 * stays as it was. A stage of no duration is a jump.
 */
export interface StageProfile {
  durationUs: number;
  /** Frames a second over all connections at the stage's end. */
  ratePerSecond: number | null;
  /** Connections at the stage's end. */
  connections: number | null;
}

export interface FrameProfile {
  /** A `--frame` form, for example `u32be`; `parseFrameFormat` turns it into a FrameFormat. */
  format: string;
  /** Largest payload accepted from the target and allowed to be sent. */
  maxBytes: number;
  /** Bytes (as text, see `parseBytes`) for the part of a longer header that is not the length; null: zeros. */
  header: string | null;
}

export interface PayloadProfile {
  /** A size form, for example `64B` or `uniform:64B..4KiB`; `parsePayloadSize` reads it. Null with a message or file. */
  size: string | null;
  /** The same bytes in every frame, as text (see `parseBytes`). */
  message: string | null;
  /** A file whose bytes are every frame's payload. */
  file: string | null;
  /** Whether frames carry an id and a send time in their first bytes. */
  stamp: 'on' | 'off';
  /** Where in the payload of pushed frames the target writes a time, as text; `parsePushStamp` reads it. Null: nowhere. */
  pushStamp: string | null;
}

export interface PrefaceProfile {
  /** Bytes (see `parseBytes`) sent once before frames. */
  send: string | null;
  /** Bytes that the target must send before frames. */
  expect: string | null;
  timeoutUs: number;
}

export interface MatchProfile {
  mode: MatchMode;
  /** `echo`: every reply must hold the bytes of its request. */
  verify: 'echo' | 'off';
}

export type MatchMode = 'fifo' | 'id' | 'none';

export interface TimeoutsProfile {
  connectUs: number;
  /** From the moment a frame is owed until it is whole. */
  readUs: number;
  /** From the first refused byte until the send queue has drained. */
  writeUs: number;
  /** How long replies are awaited after the last frame was sent. */
  drainUs: number;
}

export interface HeartbeatProfile {
  everyUs: number;
  /** Bytes (see `parseBytes`) of each heartbeat, sent without a stamp; null: the ordinary payload. */
  payload: string | null;
  /** How long a heartbeat's reply may take. */
  timeoutUs: number;
}

/** Options of every socket, set before it dials. Null leaves the kernel's own value. */
export interface SocketProfile {
  noDelay: boolean;
  /** As asked for: the kernel doubles it, up to its own limit. */
  receiveBufferBytes: number | null;
  sendBufferBytes: number | null;
  quickAck: boolean | null;
  /** 0: a close sends RST. */
  lingerSeconds: number | null;
  keepAlive: KeepAliveProfile | null;
  userTimeoutMs: number | null;
  congestion: string | null;
  /** 0 to 255. */
  typeOfService: number | null;
  notSentLowWaterBytes: number | null;
}

/** Probes of an idle connection: after `idleSeconds`, every `intervalSeconds`, given up after `count`. */
export interface KeepAliveProfile {
  idleSeconds: number;
  intervalSeconds: number;
  count: number;
}

export interface TlsProfile {
  enabled: boolean;
  caFile: string | null;
  certFile: string | null;
  keyFile: string | null;
  servername: string | null;
  alpn: string[];
  /** Accept any certificate: gives up authentication of the target. */
  insecure: boolean;
}

/** A demand on one figure of the run. */
export interface ThresholdProfile {
  /** `[cohort:]metric op value`, for example `response.p99 < 20ms`; `parseThreshold` reads it. */
  expr: string;
  /** Judge every sliding window of this length; null: the whole measured run at once. */
  windowUs: number | null;
  /** End the run as soon as it fails. */
  abortOnFail: boolean;
  /** The run does not end for it before this time since its start. */
  delayUs: number;
}

/** What is stored of the run while it goes on. */
export interface RecordProfile {
  /** Of the run's directory; older intervals are widened before it has grown larger. */
  maxDiskBytes: number;
}

export interface SafetyProfile {
  /** Allow a target outside loopback and private ranges. */
  allowPublic: boolean;
  /** Host names that may be public. */
  allowedTargets: string[];
}
