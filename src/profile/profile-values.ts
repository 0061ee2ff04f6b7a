import type { Backoff } from '../schedule/backoff.ts';
import type { Lifetime } from '../schedule/lifetime.ts';
import type { HealthValues } from './health-profile.ts';
import type { ArrivalKind } from '../schedule/open-schedule.ts';
import type {
  CloseChoice,
  EngineChoice,
  KeepAliveProfile,
  MatchMode,
  PacingChoice,
  ReconnectChoice,
  StageProfile,
  ThresholdProfile,
} from './profile.ts';

/**
 * What every key of a profile can be given, by its path in YAML. Null: not set. Durations are in microseconds unless
 * the kernel counts them in whole seconds (`socket.linger`, `socket.keepalive`) or milliseconds (`socket.userTimeout`);
 * sizes are in bytes, rates a second; forms and bytes stay text, since the profile stores them so.
 */
export interface ProfileValues extends HealthValues {
  target: string | null;
  label: string | null;
  duration: number;
  warmup: number;
  seed: number;
  workers: number;
  engine: EngineChoice;
  'connections.count': number;
  'connections.rate': number | null;
  'connections.ramp': number | null;
  'connections.concurrentDials': number | 'all';
  'connections.sourceIps': string[];
  'connections.lifetime': Lifetime | null;
  'connections.reconnect': ReconnectChoice;
  'connections.backoff': Backoff | null;
  'connections.close': CloseChoice;
  'load.window': number | null;
  'load.think': number;
  'load.rate': number | null;
  'load.totalRate': number | null;
  'load.send': 'on' | 'off';
  'load.arrivals': ArrivalKind;
  'load.pacing': PacingChoice;
  stages: StageProfile[];
  'frame.format': string;
  'frame.maxBytes': number;
  'frame.header': string | null;
  'payload.size': string | null;
  'payload.message': string | null;
  'payload.file': string | null;
  'payload.stamp': 'auto' | 'on' | 'off';
  'payload.pushStamp': string | null;
  'preface.send': string | null;
  'preface.expect': string | null;
  'preface.timeout': number;
  'match.mode': MatchMode | null;
  'match.verify': 'auto' | 'echo' | 'off';
  'timeouts.connect': number;
  'timeouts.read': number;
  'timeouts.write': number;
  'timeouts.drain': number;
  'heartbeat.every': number | null;
  'heartbeat.payload': string | null;
  'heartbeat.timeout': number | null;
  'socket.noDelay': boolean;
  'socket.rcvbuf': number | null;
  'socket.sndbuf': number | null;
  'socket.quickAck': boolean | null;
  'socket.linger': number | null;
  'socket.keepalive': KeepAliveProfile | null;
  'socket.userTimeout': number | null;
  'socket.congestion': string | null;
  'socket.tos': number | null;
  'socket.notSentLowat': number | null;
  'tls.enabled': boolean;
  'tls.ca': string | null;
  'tls.cert': string | null;
  'tls.key': string | null;
  'tls.servername': string | null;
  'tls.alpn': string[];
  'tls.insecure': boolean;
  thresholds: ThresholdProfile[];
  'safety.allowPublic': boolean;
  'safety.allowedTargets': string[];
  'record.maxDisk': number;
}

/** The path of a key, for example `load.think`. */
export type ProfilePath = keyof ProfileValues;

/** What the keys of one group can be given. */
export type GroupValues<G extends string> = Pick<ProfileValues, Extract<ProfilePath, `${G}.${string}`>>;

/** What was given by a file, the environment or flags; keys that nobody gave are absent. */
export type GivenValues = Partial<ProfileValues>;
