import { parseBytes } from '../base/byte-text.ts';
import { formatDuration, formatRate, formatSize } from '../base/units.ts';
import { headerRestBytes, parseFrameFormat } from '../framing/frame-format.ts';
import { parsePayloadSize } from '../framing/payload-size.ts';
import { plannedConnections } from './cohorts.ts';
import { CHURN_RULES } from './churn-rules.ts';
import { EPOLL_RULES } from './epoll-rules.ts';
import { keyName } from './flags.ts';
import { HEARTBEAT_RULES } from './heartbeat-rules.ts';
import { fileComplaints } from './message-file.ts';
import { contentComplaints, sizeComplaints } from './payload-rules.ts';
import { unless, type ProfileRule } from './profile-rule.ts';
import type { Profile } from './profile.ts';
import type { GivenKeys } from './profile-source.ts';
import type { ProfilePath } from './profile-values.ts';
import { PUSH_RULES } from './push-rules.ts';
import { STAGE_RULES } from './stage-rules.ts';
import { THRESHOLD_RULES } from './threshold/threshold-rules.ts';

/** Every rule, in the order of the keys they speak about. */
export const PROFILE_RULES: readonly ProfileRule[] = [
  {
    at: 'warmup',
    reads: ['duration'],
    complaints: ({ warmupUs, durationUs }) =>
      unless(
        warmupUs < durationUs,
        `must be shorter than duration (--duration), which is ${formatDuration(durationUs)}, current value is ` +
          formatDuration(warmupUs),
      ),
  },
  {
    at: 'workers',
    reads: ['connections.count', 'stages'],
    complaints: (profile) =>
      unless(
        profile.workers <= Math.max(1, plannedConnections(profile)),
        `must be at most connections.count (--connections), since each worker needs a connection: current value is ` +
          `${profile.workers} for ${plannedConnections(profile)}`,
      ),
  },
  exclusive('connections.ramp', 'connections.rate', 'both say how fast dials start'),
  {
    at: 'connections.ramp',
    reads: ['duration'],
    complaints: ({ connections, durationUs }) =>
      unless(
        connections.rampUs === null || connections.rampUs <= durationUs,
        `must not be longer than duration (--duration), which is ${formatDuration(durationUs)}, current value is ` +
          formatDuration(connections.rampUs ?? 0),
      ),
  },
  { at: 'connections.rate', reads: ['connections.count', 'duration'], complaints: dialRateComplaints },
  {
    at: 'connections.concurrentDials',
    reads: ['workers'],
    complaints: ({ connections, workers }) =>
      unless(
        connections.concurrentDials === 'all' || connections.concurrentDials >= workers,
        `must be at least workers (--workers), so that each can dial: current value is ` +
          `${connections.concurrentDials} for ${workers}`,
      ),
  },
  ...CHURN_RULES,
  ...PUSH_RULES,
  exclusive('load.totalRate', 'load.rate', 'one is a rate of each connection, the other of all together'),
  exclusive('load.think', 'load.rate', 'think time belongs to the closed model, a rate is the open one'),
  exclusive('load.think', 'load.totalRate', 'think time belongs to the closed model, a rate is the open one'),
  ...STAGE_RULES,
  { at: 'frame.header', reads: ['frame.format'], complaints: headerComplaints },
  exclusive('payload.message', 'payload.size', 'a message has its own size'),
  exclusive('payload.file', 'payload.size', "the file's bytes are the payload"),
  exclusive('payload.file', 'payload.message', 'a frame has one payload'),
  {
    at: 'payload.size',
    reads: ['frame.format', 'frame.maxBytes', 'payload.stamp', 'payload.message', 'payload.file'],
    complaints: (profile) => {
      const { size, message, file } = profile.payload;
      if (size === null || message !== null || file !== null) return [];
      return sizeComplaints(profile, parsePayloadSize(size));
    },
  },
  {
    at: 'payload.message',
    reads: ['frame.format', 'frame.maxBytes', 'payload.stamp'],
    complaints: (profile) =>
      profile.payload.message === null ? [] : contentComplaints(profile, parseBytes(profile.payload.message)),
  },
  {
    at: 'payload.file',
    reads: ['frame.format', 'frame.maxBytes', 'payload.stamp'],
    complaints: (profile) =>
      profile.payload.file === null ? [] : fileComplaints(profile, profile.payload.file),
  },
  { at: 'match.mode', reads: ['frame.format', 'payload.stamp', 'payload.size'], complaints: matchComplaints },
  {
    at: 'match.verify',
    reads: ['match.mode', 'frame.format'],
    complaints: ({ match }) =>
      unless(
        match.verify === 'off' || match.mode !== 'none',
        `cannot be echo where match.mode (--match) is none, since no reply is told from another; set it to off`,
      ),
  },
  ...HEARTBEAT_RULES,
  ...EPOLL_RULES,
  ...THRESHOLD_RULES,
  together('tls.cert', 'tls.key'),
  together('tls.key', 'tls.cert'),
  needsTls('tls.ca'),
  needsTls('tls.cert'),
  needsTls('tls.key'),
  needsTls('tls.servername'),
  needsTls('tls.alpn'),
  needsTls('tls.insecure'),
];

/** A think time of zero is the open model's own, and `tls.insecure: false` asks for nothing. */
function isChosen(given: GivenKeys, path: ProfilePath): boolean {
  const value = given.get(path)?.value;
  return (
    value !== undefined && value !== 0 && value !== false && !(Array.isArray(value) && value.length === 0)
  );
}

function exclusive(at: ProfilePath, other: ProfilePath, why: string): ProfileRule {
  return {
    at,
    reads: [other],
    complaints: (_, given) =>
      unless(
        !isChosen(given, at) || !isChosen(given, other),
        `cannot stand beside ${keyName(other)}, since ${why}; drop one of them`,
      ),
  };
}

function together(at: ProfilePath, other: ProfilePath): ProfileRule {
  return {
    at,
    reads: [other],
    complaints: (_, given) =>
      unless(
        !given.has(at) || given.has(other),
        `needs ${keyName(other)}, which is not given; give both or none`,
      ),
  };
}

function needsTls(at: ProfilePath): ProfileRule {
  return {
    at,
    reads: ['tls.enabled'],
    complaints: ({ tls }, given) =>
      unless(
        tls.enabled || !isChosen(given, at),
        `has no effect while tls.enabled (--tls) is off; turn it on, or drop ${at}`,
      ),
  };
}

function dialRateComplaints({ connections, durationUs }: Profile): string[] {
  const { count, ratePerSecond } = connections;
  if (ratePerSecond === null) return [];
  const neededUs = Math.ceil(((count - 1) / ratePerSecond) * 1e6);
  return unless(
    neededUs <= durationUs,
    `must open all ${count} connections within duration (--duration), which is ${formatDuration(durationUs)}: at ` +
      `${formatRate(ratePerSecond)} they take ${formatDuration(neededUs)}; raise the rate or run longer`,
  );
}

function headerComplaints({ frame }: Profile): string[] {
  if (frame.header === null) return [];
  const room = headerRestBytes(parseFrameFormat(frame.format));
  const { length } = parseBytes(frame.header);
  if (room === 0) {
    return [
      `needs a frame.format (--frame) whose header is longer than its length, current one is ${frame.format}`,
    ];
  }
  return unless(
    length === room,
    `must have exactly ${formatSize(room)}, which ${frame.format} leaves beside the length, current value has ` +
      formatSize(length),
  );
}

function matchComplaints({ match, frame, payload }: Profile): string[] {
  if (frame.format === 'none' && match.mode !== 'none') {
    return [`must be none where frame.format (--frame) is none: a byte stream has no frames to match`];
  }
  return unless(
    match.mode !== 'id' || payload.stamp === 'on',
    'cannot be id where payloads carry no stamp: set payload.stamp (--stamp) to on and make payloads large enough, ' +
      'or match by fifo',
  );
}
