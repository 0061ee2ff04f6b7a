import { parseFrameFormat, type FrameFormat } from '../framing/frame-format.ts';
import { parsePayloadSize } from '../framing/payload-size.ts';
import { stampBytes } from '../framing/stamp.ts';
import { haveConnections, haveRate, stagesDurationUs } from './load-model.ts';
import { resolveHealth } from './health-values.ts';
import { PROFILE_KEYS, PROFILE_PATHS } from './profile-keys.ts';
import type {
  ConnectionsProfile,
  HeartbeatProfile,
  MatchProfile,
  PayloadProfile,
  Profile,
  SocketProfile,
  TlsProfile,
} from './profile.ts';
import type { GivenValues, ProfileValues } from './profile-values.ts';

/** Size of generated payloads where neither the profile nor the frame's form says one. */
const PAYLOAD_SIZE_DEFAULT = '64B';

/** Pauses before repeated dials where the profile asks for pauses and says no more. */
const BACKOFF_DEFAULT = { firstUs: 100_000, longestUs: 10_000_000 };

/**
 * The profile that given values and defaults make. Keys whose default follows from others (`auto`, the window, the
 * payload of fixed frames) are settled here, so that nothing after it has to know how.
 * @param name what the run is called where no label is given
 */
export function resolveProfile(given: GivenValues, name: string): Profile {
  const values: ProfileValues = { ...defaultValues(), ...given };
  const format = parseFrameFormat(values['frame.format']);
  const payload = resolvePayload(values, format);
  return {
    target: values.target,
    label: values.label ?? name,
    durationUs: given.duration ?? defaultDurationUs(values),
    warmupUs: values.warmup,
    seed: values.seed,
    workers: values.workers,
    engine: values.engine,
    connections: resolveConnections(values, given),
    load: resolveLoad(values),
    stages: values.stages,
    frame: {
      format: values['frame.format'],
      maxBytes: values['frame.maxBytes'],
      header: values['frame.header'],
    },
    payload,
    preface: {
      send: values['preface.send'],
      expect: values['preface.expect'],
      timeoutUs: values['preface.timeout'],
    },
    match: resolveMatch(values, format),
    timeouts: {
      connectUs: values['timeouts.connect'],
      readUs: values['timeouts.read'],
      writeUs: values['timeouts.write'],
      drainUs: values['timeouts.drain'],
    },
    heartbeat: resolveHeartbeat(values),
    socket: resolveSocket(values),
    tls: resolveTls(values),
    thresholds: values.thresholds,
    safety: {
      allowPublic: values['safety.allowPublic'],
      allowedTargets: values['safety.allowedTargets'],
    },
    health: resolveHealth(values),
    record: { maxDiskBytes: values['record.maxDisk'] },
    cohorts: [],
  };
}

/** Where no duration is given a run lasts as long as its stages, if they take any time. */
function defaultDurationUs(values: ProfileValues): number {
  const stagesUs = stagesDurationUs(values.stages);
  return stagesUs > 0 ? stagesUs : values.duration;
}

function defaultValues(): ProfileValues {
  const entries = PROFILE_PATHS.map((path) => {
    const { kind, defaultText } = PROFILE_KEYS[path];
    if (defaultText !== null) return [path, kind.read(defaultText)];
    return [path, kind.readItems === null ? null : []];
  });
  return Object.fromEntries(entries) as ProfileValues;
}

function resolveConnections(values: ProfileValues, given: GivenValues): ConnectionsProfile {
  const { 'connections.reconnect': reconnect } = values;
  return {
    count: given['connections.count'] ?? (haveConnections(values.stages) ? 0 : values['connections.count']),
    ratePerSecond: values['connections.rate'],
    rampUs: values['connections.ramp'],
    concurrentDials: values['connections.concurrentDials'],
    sourceIps: values['connections.sourceIps'],
    lifetime: values['connections.lifetime'],
    reconnect,
    backoff: reconnect === 'backoff' ? (values['connections.backoff'] ?? BACKOFF_DEFAULT) : null,
    close: values['connections.close'],
  };
}

function resolveLoad(values: ProfileValues): Profile['load'] {
  const isOpenModel =
    values['load.rate'] !== null || values['load.totalRate'] !== null || haveRate(values.stages);
  return {
    window: values['load.window'] ?? (isOpenModel ? null : 1),
    thinkUs: values['load.think'],
    ratePerSecond: values['load.rate'],
    totalRatePerSecond: values['load.totalRate'],
    send: values['load.send'],
    arrivals: values['load.arrivals'],
    pacing: values['load.pacing'],
  };
}

function resolvePayload(values: ProfileValues, format: FrameFormat): PayloadProfile {
  const message = values['payload.message'];
  const file = values['payload.file'];
  const isGenerated = message === null && file === null;
  const size = values['payload.size'] ?? (isGenerated ? defaultSize(format) : null);
  const stamp = values['payload.stamp'];
  return {
    size,
    message,
    file,
    stamp: stamp === 'auto' ? automaticStamp(size, format) : stamp,
    pushStamp: values['payload.pushStamp'],
  };
}

function defaultSize(format: FrameFormat): string {
  return format.kind === 'fixed' ? `${format.payloadBytes}B` : PAYLOAD_SIZE_DEFAULT;
}

/** A byte stream has no frame in whose first bytes a stamp could be found again. */
function automaticStamp(size: string | null, format: FrameFormat): 'on' | 'off' {
  if (size === null || format.kind === 'none') return 'off';
  return parsePayloadSize(size).minBytes >= stampBytes(format) ? 'on' : 'off';
}

function resolveMatch(values: ProfileValues, format: FrameFormat): MatchProfile {
  const mode = values['match.mode'] ?? (format.kind === 'none' ? 'none' : 'fifo');
  const verify = values['match.verify'];
  if (verify !== 'auto') return { mode, verify };
  const isGenerated = values['payload.message'] === null && values['payload.file'] === null;
  return { mode, verify: isGenerated && mode !== 'none' ? 'echo' : 'off' };
}

function resolveHeartbeat(values: ProfileValues): HeartbeatProfile | null {
  const everyUs = values['heartbeat.every'];
  if (everyUs === null) return null;
  const timeoutUs = values['heartbeat.timeout'] ?? values['timeouts.read'];
  return { everyUs, payload: values['heartbeat.payload'], timeoutUs };
}

function resolveSocket(values: ProfileValues): SocketProfile {
  return {
    noDelay: values['socket.noDelay'],
    receiveBufferBytes: values['socket.rcvbuf'],
    sendBufferBytes: values['socket.sndbuf'],
    quickAck: values['socket.quickAck'],
    lingerSeconds: values['socket.linger'],
    keepAlive: values['socket.keepalive'],
    userTimeoutMs: values['socket.userTimeout'],
    congestion: values['socket.congestion'],
    typeOfService: values['socket.tos'],
    notSentLowWaterBytes: values['socket.notSentLowat'],
  };
}

function resolveTls(values: ProfileValues): TlsProfile {
  return {
    enabled: values['tls.enabled'],
    caFile: values['tls.ca'],
    certFile: values['tls.cert'],
    keyFile: values['tls.key'],
    servername: values['tls.servername'],
    alpn: values['tls.alpn'],
    insecure: values['tls.insecure'],
  };
}
