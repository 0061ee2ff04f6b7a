import type { Expectation } from './expectation.ts';

/** The first frame of 1 MiB was cut, and each of its bytes is accounted for. */
const CUT_AFTER_100_KB = [
  'sessions.reset-mid-frame = 4',
  'sessions.reset-mid-frame = fault.resets',
  'frames.lost = 4',
  'partial.count = 4',
  'fault.readBytes = 400000',
  'partial.bytesAcked = fault.readBytes + fault.unreadBytes',
  'bytes.sent = partial.bytesAccepted',
  'partial.bytesAccepted + partial.bytesUnsent = 4 * 1048580',
  'partial.bytesAccepted = partial.bytesAcked + partial.bytesUnacked',
  'connections.bytesUnacked = partial.bytesUnacked',
  'writes.stalls = 4',
  'partialReads.count = 4',
  'partialReads.bytesReceived = bytes.received',
  'bytes.received + connections.bytesUnread <= fault.sentBytes',
];

/** Targets that read so much and no more: each byte that was sent is read, unread or never left. */
export const READING_EXPECTATIONS: readonly Expectation[] = [
  {
    modes: ['reset-after'],
    faults: ['reset-after:10kB'],
    load: { payload: '996B', match: 'none', think: '50ms' },
    claims: [
      'sessions.reset = 4',
      'sessions.reset = fault.resets',
      'fault.readBytes = 40000',
      'bytes.sent >= fault.readBytes + fault.unreadBytes',
      'frames.oneWay = frames.sent',
      'frames.sent >= 40',
    ],
    epollClaims: ['bytes.sent = fault.readBytes + fault.unreadBytes + connections.bytesUnacked'],
    because:
      'A frame has 1000 bytes here. Where the tenth is read late, the eleventh may lie behind it or be on its way.',
  },
  {
    modes: ['reset-after'],
    faults: ['reset-after:10500B'],
    load: { payload: '996B', match: 'none', think: '25ms', connectionLifetime: '40 frames' },
    claims: [
      'sessions.reset = 4',
      'sessions.reset = fault.resets',
      'fault.readBytes = 42000',
      'fault.unreadBytes >= 2000',
      'bytes.sent >= fault.readBytes + fault.unreadBytes',
      'frames.oneWay = frames.sent',
      'frames.sent >= 4 * 17',
    ],
    epollClaims: ['bytes.sent = fault.readBytes + fault.unreadBytes + connections.bytesUnacked'],
    because:
      'The second half of the eleventh frame is unread: the RST comes 250 ms later, in which a connection sends up to ten frames more.',
  },
  {
    modes: ['reset-after'],
    faults: ['reset-after:10kB@25%'],
    load: { connections: '8', payload: '996B', match: 'none', think: '50ms' },
    claims: [
      'sessions.reset = fault.resets',
      'sessions.closed-by-plan = 8 - fault.resets',
      'fault.resets >= 1',
      'frames.oneWay = frames.sent',
      'frames.sent <= 20 * sessions.closed-by-plan + 12 * fault.resets',
    ],
  },
  {
    modes: ['reset-after'],
    faults: ['reset-after:100000B'],
    node: false,
    load: { payload: '1MiB', sndbuf: '64KiB' },
    claims: CUT_AFTER_100_KB,
    because: 'What our kernel took and the target has not acknowledged waits in the own send queue.',
  },
  {
    modes: ['reset-after', 'read-slowly'],
    faults: ['reset-after:100000B', 'read-slowly:500kB/s'],
    node: false,
    load: { payload: '1MiB', sndbuf: '256KiB' },
    claims: [...CUT_AFTER_100_KB, 'partial.bytesUnacked >= 1000'],
    because:
      'What was taken and is not acknowledged waited in the own send queue. Read slowly, all that the target has is acknowledged before the reset.',
  },
  {
    modes: ['stop-reading'],
    faults: ['stop-reading:10kB'],
    load: { payload: '996B', readTimeout: '300ms' },
    claims: [
      'sessions.read-timeout = 4',
      'sessions.read-timeout = fault.stopped',
      'frames.matched = 40',
      'frames.lost = 4',
      'fault.readBytes = 40000',
      'bytes.sent = fault.readBytes + fault.unreadBytes',
    ],
  },
  {
    modes: ['stop-reading'],
    faults: ['stop-reading:1MB'],
    load: {
      connections: '2',
      payload: '64KiB',
      match: 'none',
      writeTimeout: '500ms',
      connectionLifetime: '1000 frames',
    },
    claims: [
      'sessions.write-timeout = 2',
      'sessions.write-timeout = fault.stopped',
      'fault.readBytes = 2000000',
      'writes.stalls >= 2',
      'partial.count <= 2',
      'frames.oneWay = frames.sent',
    ],
    epollClaims: ['bytes.sent = fault.readBytes + fault.unreadBytes + connections.bytesUnacked'],
    because: 'What the own kernel still holds is sent and neither read nor unread.',
  },
];
