import { stringify } from 'yaml';
import type { PlainValue } from './key-kinds.ts';
import { PROFILE_KEYS, PROFILE_PATHS } from './profile-keys.ts';
import type { Profile } from './profile.ts';
import type { ProfilePath, ProfileValues } from './profile-values.ts';

/** A profile as a plain object: keys nested as in YAML, quantities with their units. */
export interface PlainProfile {
  [key: string]: PlainValue | { [key: string]: PlainValue };
}

/** The effective profile as YAML with units, every default settled; it loads back to the same profile. */
export function formatProfile(profile: Profile): string {
  return stringify(profileToJson(profile), { lineWidth: 0 });
}

/** The effective profile as a plain object for JSON, of the same keys and values as its YAML. Unset keys are absent. */
export function profileToJson(profile: Profile): PlainProfile {
  const values = profileValues(profile);
  const plain: PlainProfile = {};
  const groups = new Map<string, { [key: string]: PlainValue }>();
  for (const path of PROFILE_PATHS) {
    const value = writeKey(path, values);
    if (value === null) continue;
    const [group = '', name] = path.split('.');
    if (name === undefined) {
      plain[group] = value;
    } else {
      const keys = groups.get(group) ?? {};
      plain[group] = keys;
      keys[name] = value;
      groups.set(group, keys);
    }
  }
  return plain;
}

function writeKey<P extends ProfilePath>(path: P, values: ProfileValues): PlainValue {
  return PROFILE_KEYS[path].kind.write(values[path]);
}

function profileValues(profile: Profile): ProfileValues {
  const { connections, load, frame, payload, preface, match, timeouts, socket, tls, safety } = profile;
  return {
    target: profile.target,
    label: profile.label,
    duration: profile.durationUs,
    warmup: profile.warmupUs,
    seed: profile.seed,
    workers: profile.workers,
    engine: profile.engine,
    'connections.count': connections.count,
    'connections.rate': connections.ratePerSecond,
    'connections.ramp': connections.rampUs,
    'connections.concurrentDials': connections.concurrentDials,
    'load.window': load.window,
    'load.think': load.thinkUs,
    'load.rate': load.ratePerSecond,
    'load.totalRate': load.totalRatePerSecond,
    'frame.format': frame.format,
    'frame.maxBytes': frame.maxBytes,
    'frame.header': frame.header,
    'payload.size': payload.size,
    'payload.message': payload.message,
    'payload.file': payload.file,
    'payload.stamp': payload.stamp,
    'preface.send': preface.send,
    'preface.expect': preface.expect,
    'preface.timeout': preface.timeoutUs,
    'match.mode': match.mode,
    'match.verify': match.verify,
    'timeouts.connect': timeouts.connectUs,
    'timeouts.read': timeouts.readUs,
    'timeouts.write': timeouts.writeUs,
    'timeouts.drain': timeouts.drainUs,
    'socket.noDelay': socket.noDelay,
    'tls.enabled': tls.enabled,
    'tls.ca': tls.caFile,
    'tls.cert': tls.certFile,
    'tls.key': tls.keyFile,
    'tls.servername': tls.servername,
    'tls.alpn': tls.alpn,
    'tls.insecure': tls.insecure,
    'safety.allowPublic': safety.allowPublic,
    'safety.allowedTargets': safety.allowedTargets,
  };
}
