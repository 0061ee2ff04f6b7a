import { isIP } from 'node:net';
import { parseFrameFormat } from '../framing/frame-format.ts';
import { PAYLOAD_BYTES_MAX } from '../framing/limits.ts';
import { parsePayloadSize } from '../framing/payload-size.ts';
import { parsePushStamp } from '../framing/push-stamp.ts';
import { CONNECTION_KEYS } from './connection-keys.ts';
import { HEALTH_KEYS } from './health-keys.ts';
import {
  booleanKind,
  bytesKind,
  choiceKind,
  countKind,
  durationKind,
  integerKind,
  listKind,
  nullable,
  sizeKind,
  textKind,
} from './key-kinds.ts';
import { LOAD_KEYS } from './load-keys.ts';
import { key, quantity, unset, type ProfileKey } from './profile-key.ts';
import {
  ALPN_NAME_BYTES_MAX,
  LABEL_LENGTH_MAX,
  PREFACE_BYTES_MAX,
  SOCKET_BUFFER_BYTES_MAX,
  WORKERS_MAX,
} from './profile-limits.ts';
import { RECORD_KEYS } from './record-keys.ts';
import type { ProfilePath, ProfileValues } from './profile-values.ts';
import { congestionKind, keepAliveKind, lingerKind, userTimeoutKind } from './socket-kinds.ts';
import { thresholdsKind } from './threshold/thresholds-kind.ts';
import { parseTargetSpec } from './target-spec.ts';
import { ValueError } from './value-error.ts';

const wholeNumberMax = Number.MAX_SAFE_INTEGER;
const prefaceRange = { min: 1, max: PREFACE_BYTES_MAX };
const socketBufferRange = { min: 1, max: SOCKET_BUFFER_BYTES_MAX };

/** Every key, in the order in which an effective profile is printed. */
export const PROFILE_KEYS: { readonly [P in ProfilePath]: ProfileKey<ProfileValues[P]> } = {
  target: key(
    nullable(textKind((text) => void parseTargetSpec(text))),
    'Server to load: host:port, [v6]:port or unix:/path; without it a built-in target is started beside the run',
    { defaultText: null, example: '127.0.0.1:7000' },
  ),
  label: key(nullable(textKind(checkLabel)), "Name of the run; without it the profile's name", {
    defaultText: null,
    example: 'release-1.2',
  }),
  duration: key(
    durationKind('above zero'),
    'How long frames are sent, connection ramp and warm-up included',
    quantity('10s', '5m'),
  ),
  warmup: key(
    durationKind('zero allowed'),
    'Frames due in this first part of the run are left out of the results',
    quantity('0s', '5s'),
  ),
  seed: key(
    integerKind({ min: 0, max: wholeNumberMax }),
    'Seed of random payloads and sizes: the same seed sends the same bytes',
    quantity('1', '42'),
  ),
  workers: key(
    countKind({ min: 1, max: WORKERS_MAX }),
    'Worker threads that share the connections',
    quantity('1', '4'),
  ),
  engine: key(
    choiceKind(['auto', 'node', 'epoll']),
    'What turns the plan into system calls',
    quantity('auto', 'node'),
  ),
  ...CONNECTION_KEYS,
  ...LOAD_KEYS,
  'frame.format': key(
    textKind((text) => void parseFrameFormat(text)),
    'How frames are told apart: u8, u16be, u32le, varint and so on with +header and @N, delim:\\n, fixed:128, none',
    quantity('u32be', 'u16be+header'),
  ),
  'frame.maxBytes': key(
    sizeKind({ min: 1, max: PAYLOAD_BYTES_MAX }),
    'Largest payload that may be sent or received',
    quantity('1MiB', '64KiB'),
  ),
  'frame.header': key(
    nullable(bytesKind({ min: 1, max: PAYLOAD_BYTES_MAX })),
    'Bytes of a longer header that are not the length, for a format with @N; without it zeros',
    unset('hex:cafe0001'),
  ),
  'payload.size': key(
    nullable(textKind((text) => void parsePayloadSize(text))),
    'Size of generated payloads: 64B, uniform:64B..4KiB, exponential:256B or lognormal:256B; ' +
      'unless given 64B, or the size of a fixed frame',
    unset('64B'),
  ),
  'payload.message': key(
    nullable(bytesKind({ min: 0, max: PAYLOAD_BYTES_MAX })),
    'The payload of every frame: text with \\n \\r \\t \\0 \\\\ \\xHH, or hex:00ff10',
    unset('ping'),
  ),
  'payload.file': key(
    nullable(textKind(checkPath)),
    "File that holds every frame's payload; a relative path starts at the current directory",
    unset('request.bin'),
  ),
  'payload.stamp': key(
    choiceKind(['auto', 'on', 'off']),
    'Carry an id and a send time in the first bytes of each payload; auto: where generated payloads have room',
    quantity('auto', 'on'),
  ),
  'payload.pushStamp': key(
    nullable(textKind((text) => void parsePushStamp(text))),
    'The time in the payload of pushed frames, WIDTH@OFFSET/UNIT/CLOCK: u32be to u64le, its first byte, s to ns, wall or ' +
      'monotonic; with load.send off',
    unset('u64be@0/us/monotonic'),
  ),
  'preface.send': key(
    nullable(bytesKind(prefaceRange)),
    'Bytes sent once, before the first frame',
    unset('HELLO\\n'),
  ),
  'preface.expect': key(
    nullable(bytesKind(prefaceRange)),
    'Bytes the target must send before the first frame',
    unset('READY\\n'),
  ),
  'preface.timeout': key(
    durationKind('above zero'),
    'How long the expected preface may take',
    quantity('5s', '2s'),
  ),
  'match.mode': key(
    nullable(choiceKind(['fifo', 'id', 'none'])),
    'How replies find their requests: in order, by the stamped id, or not at all; unless given fifo, or none without frames',
    unset('fifo'),
  ),
  'match.verify': key(
    choiceKind(['auto', 'echo', 'off']),
    'Whether a reply must hold the bytes of its request; auto: echo for generated payloads',
    quantity('auto', 'off'),
  ),
  'timeouts.connect': key(durationKind('above zero'), 'How long a dial may take', quantity('3s', '500ms')),
  'timeouts.read': key(
    durationKind('above zero'),
    'How long a reply may take, from the moment it is owed until it is whole',
    quantity('5s', '1s'),
  ),
  'timeouts.write': key(
    durationKind('above zero'),
    'How long the target may refuse bytes that are due to it',
    quantity('5s', '1s'),
  ),
  'timeouts.drain': key(
    durationKind('zero allowed'),
    'How long replies are awaited after the last frame was sent',
    quantity('5s', '1s'),
  ),
  'heartbeat.every': key(
    nullable(durationKind('above zero')),
    'Send a frame this often to ask whether the target lives',
    unset('10s'),
  ),
  'heartbeat.payload': key(
    nullable(bytesKind({ min: 0, max: PAYLOAD_BYTES_MAX })),
    'Payload of a heartbeat, sent without a stamp; without it the ordinary payload',
    unset('ping'),
  ),
  'heartbeat.timeout': key(
    nullable(durationKind('above zero')),
    "How long a heartbeat's reply may take; without it as long as timeouts.read",
    unset('1s'),
  ),
  'socket.noDelay': key(booleanKind(), 'Send small writes at once (TCP_NODELAY)', quantity('on', 'off')),
  'socket.rcvbuf': key(
    nullable(sizeKind(socketBufferRange)),
    'Size of the receive buffer (SO_RCVBUF), which the kernel doubles',
    unset('64KiB'),
  ),
  'socket.sndbuf': key(
    nullable(sizeKind(socketBufferRange)),
    'Size of the send buffer (SO_SNDBUF), which the kernel doubles',
    unset('64KiB'),
  ),
  'socket.quickAck': key(
    nullable(booleanKind()),
    'Acknowledge at once at first (TCP_QUICKACK); the kernel later goes by its own judgement',
    unset('on'),
  ),
  'socket.linger': key(
    nullable(lingerKind()),
    'How long a close may wait for unsent data (SO_LINGER), in whole seconds; 0 sends RST instead of FIN',
    unset('0s'),
  ),
  'socket.keepalive': key(
    nullable(keepAliveKind()),
    'Probe an idle connection (SO_KEEPALIVE): idle time, interval, and how many probes may stay unanswered',
    unset('10s/1s/3'),
  ),
  'socket.userTimeout': key(
    nullable(userTimeoutKind()),
    'How long sent data may stay unacknowledged (TCP_USER_TIMEOUT), in whole milliseconds',
    unset('5s'),
  ),
  'socket.congestion': key(
    nullable(congestionKind()),
    'Congestion control algorithm (TCP_CONGESTION)',
    unset('cubic'),
  ),
  'socket.tos': key(
    nullable(integerKind({ min: 0, max: 255 })),
    'Type of service or traffic class (IP_TOS, IPV6_TCLASS); the kernel keeps the two lowest bits for itself',
    unset('16'),
  ),
  'socket.notSentLowat': key(
    nullable(sizeKind(socketBufferRange)),
    'Count as writable only with fewer unsent bytes than this (TCP_NOTSENT_LOWAT)',
    unset('16KiB'),
  ),
  'tls.enabled': key(booleanKind(), 'Speak TLS to the target', quantity('off', 'on')),
  'tls.ca': key(
    nullable(textKind(checkPath)),
    'File of certificates to trust instead of the system',
    unset('ca.pem'),
  ),
  'tls.cert': key(nullable(textKind(checkPath)), 'File of the client certificate', unset('client.pem')),
  'tls.key': key(nullable(textKind(checkPath)), "File of the client certificate's key", unset('client.key')),
  'tls.servername': key(
    nullable(textKind(checkServername)),
    'Name sent in SNI and looked for in the certificate',
    unset('db.example'),
  ),
  'tls.alpn': key(
    listKind(checkAlpn),
    'Protocols offered in ALPN, the preferred first',
    unset('h2,http/1.1'),
  ),
  'tls.insecure': key(
    booleanKind(),
    'Accept any certificate: whoever answers is taken for the target',
    quantity('off', 'on'),
  ),
  thresholds: key(
    thresholdsKind(),
    'What the run must come to, as [cohort:]metric op value; exit code 99 where one fails',
    unset('response.p99 < 20ms'),
  ),
  'safety.allowPublic': key(
    booleanKind(),
    'Allow a target outside loopback and private ranges',
    quantity('off', 'on'),
  ),
  'safety.allowedTargets': key(
    listKind(checkHostName),
    'Hosts that may be loaded although they are public',
    unset('staging.example'),
  ),
  ...HEALTH_KEYS,
  ...RECORD_KEYS,
};

/** Every path, in the order of `PROFILE_KEYS`. */
export const PROFILE_PATHS: readonly ProfilePath[] = Object.keys(PROFILE_KEYS) as ProfilePath[];

/** Whether `path` is the path of a key. */
export function isProfilePath(path: string): path is ProfilePath {
  return Object.hasOwn(PROFILE_KEYS, path);
}

function checkLabel(text: string): void {
  if (text.length <= LABEL_LENGTH_MAX && !/\p{C}/u.test(text)) return;
  throw new ValueError(
    `must have at most ${LABEL_LENGTH_MAX} printable characters, current value is ${JSON.stringify(text)}`,
  );
}

function checkPath(text: string): void {
  if (text.includes('\0')) throw new ValueError('must be a path without zero bytes');
}

/** Source: RFC 6066, section 3: literal addresses are not permitted in SNI. */
function checkServername(text: string): void {
  checkHostName(text);
  if (isIP(text) !== 0) throw new ValueError(`must be a name and no address, current value is ${text}`);
}

function checkHostName(text: string): void {
  if (/^[\p{L}\p{N}_.:-]+$/u.test(text)) return;
  throw new ValueError(
    `must be a host name without port or brackets, current value is ${JSON.stringify(text)}`,
  );
}

function checkAlpn(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= ALPN_NAME_BYTES_MAX) return;
  throw new ValueError(`must hold names of at most ${ALPN_NAME_BYTES_MAX} bytes, one has ${bytes}`);
}
