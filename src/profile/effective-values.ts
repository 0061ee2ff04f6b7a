import { healthValues } from './health-values.ts';
import type { Profile } from './profile.ts';
import type { GroupValues, ProfileValues } from './profile-values.ts';

/** What every key of an effective profile has; the inverse of `resolveProfile`. */
export function effectiveValues(profile: Profile): ProfileValues {
  const { load, frame, payload, preface, match, timeouts, safety } = profile;
  return {
    target: profile.target,
    label: profile.label,
    duration: profile.durationUs,
    warmup: profile.warmupUs,
    seed: profile.seed,
    workers: profile.workers,
    engine: profile.engine,
    ...connectionsValues(profile),
    'load.window': load.window,
    'load.think': load.thinkUs,
    'load.rate': load.ratePerSecond,
    'load.totalRate': load.totalRatePerSecond,
    'load.send': load.send,
    'load.arrivals': load.arrivals,
    'load.pacing': load.pacing,
    stages: profile.stages,
    'frame.format': frame.format,
    'frame.maxBytes': frame.maxBytes,
    'frame.header': frame.header,
    'payload.size': payload.size,
    'payload.message': payload.message,
    'payload.file': payload.file,
    'payload.stamp': payload.stamp,
    'payload.pushStamp': payload.pushStamp,
    'preface.send': preface.send,
    'preface.expect': preface.expect,
    'preface.timeout': preface.timeoutUs,
    'match.mode': match.mode,
    'match.verify': match.verify,
    'timeouts.connect': timeouts.connectUs,
    'timeouts.read': timeouts.readUs,
    'timeouts.write': timeouts.writeUs,
    'timeouts.drain': timeouts.drainUs,
    ...heartbeatValues(profile),
    ...socketValues(profile),
    ...tlsValues(profile),
    thresholds: profile.thresholds,
    'safety.allowPublic': safety.allowPublic,
    'safety.allowedTargets': safety.allowedTargets,
    ...healthValues(profile.health),
    'record.maxDisk': profile.record.maxDiskBytes,
  };
}

function connectionsValues({ connections }: Profile): GroupValues<'connections'> {
  return {
    'connections.count': connections.count,
    'connections.rate': connections.ratePerSecond,
    'connections.ramp': connections.rampUs,
    'connections.concurrentDials': connections.concurrentDials,
    'connections.sourceIps': connections.sourceIps,
    'connections.lifetime': connections.lifetime,
    'connections.reconnect': connections.reconnect,
    'connections.backoff': connections.backoff,
    'connections.close': connections.close,
  };
}

function heartbeatValues({ heartbeat }: Profile): GroupValues<'heartbeat'> {
  return {
    'heartbeat.every': heartbeat?.everyUs ?? null,
    'heartbeat.payload': heartbeat?.payload ?? null,
    'heartbeat.timeout': heartbeat?.timeoutUs ?? null,
  };
}

function socketValues({ socket }: Profile): GroupValues<'socket'> {
  return {
    'socket.noDelay': socket.noDelay,
    'socket.rcvbuf': socket.receiveBufferBytes,
    'socket.sndbuf': socket.sendBufferBytes,
    'socket.quickAck': socket.quickAck,
    'socket.linger': socket.lingerSeconds,
    'socket.keepalive': socket.keepAlive,
    'socket.userTimeout': socket.userTimeoutMs,
    'socket.congestion': socket.congestion,
    'socket.tos': socket.typeOfService,
    'socket.notSentLowat': socket.notSentLowWaterBytes,
  };
}

function tlsValues({ tls }: Profile): GroupValues<'tls'> {
  return {
    'tls.enabled': tls.enabled,
    'tls.ca': tls.caFile,
    'tls.cert': tls.certFile,
    'tls.key': tls.keyFile,
    'tls.servername': tls.servername,
    'tls.alpn': tls.alpn,
    'tls.insecure': tls.insecure,
  };
}
