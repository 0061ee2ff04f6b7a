import type { Expectation } from './expectation.ts';
import { READING_EXPECTATIONS } from './reading-expectations.ts';

/** All four connections lived their 20 frames. */
const ALL_DONE = ['sessions.closed-by-plan = 4', 'frames.sent = 80'];

/** Both sides counted the same frames and bytes. */
export const SAME_WIRE: readonly string[] = [
  'frames.sent = target.frames.received',
  'frames.received = target.frames.sent',
  'bytes.sent = target.bytes.received',
  'bytes.received = target.bytes.sent',
];

const ALL_MATCHED = [...ALL_DONE, 'frames.matched = 80', ...SAME_WIRE];

/** Three replies of 68 bytes came whole on each connection, and half of the fourth. */
const CUT_IN_HALF = [
  'partialReads.count = 4',
  'partialReads.bytesReceived = 4 * 34',
  'partialReads.bytesReceived = fault.sentBytes - 12 * 68',
];

export const EXPECTATIONS: readonly Expectation[] = [
  {
    modes: ['never-accept'],
    faults: ['never-accept'],
    backlog: 3,
    load: { connections: '6', connectTimeout: '1500ms', readTimeout: '300ms' },
    claims: [
      'dials.connected = 3',
      'dials.connected + 1 = fault.waitingAtEnd',
      'dials.timedOut = 3',
      'sessions.read-timeout = dials.connected',
      'frames.lost = 3',
      'frames.sent = 3',
      'target.connections.accepted = 0',
    ],
    epollClaims: ['dials.stalled = dials.timedOut'],
    because: 'The trial dial takes one of the backlog + 1 places.',
  },
  {
    modes: ['accept-slowly'],
    faults: ['accept-slowly:10/s'],
    claims: [...ALL_MATCHED, 'fault.accepted = dials.connected + 1', 'histograms.response.max >= 200000'],
    because:
      'The fourth connection is accepted 300 ms after the first at the earliest, but need not have been dialled with it.',
  },
  {
    modes: ['pause-accept'],
    faults: ['pause-accept:2s/0s'],
    claims: [...ALL_MATCHED, 'histograms.response.max >= 200000', 'histograms.response.max <= 2500000'],
    because:
      'The pause is as old as the target when the load begins, so that less than the whole of it is felt.',
  },
  {
    modes: ['freeze'],
    faults: ['freeze:2s/0s'],
    claims: [...ALL_MATCHED, 'histograms.response.max >= 200000', 'histograms.response.max <= 2500000'],
    because: 'As with pause-accept.',
  },
  {
    modes: ['close-at-accept'],
    faults: ['close-at-accept'],
    claims: [
      'sessions.peer-closed = 4',
      'sessions.peer-closed = fault.fins - trial.ended',
      'frames.lost = frames.sent',
      'frames.sent <= 4',
    ],
    because: 'A FIN that comes before the first frame was sent leaves nothing to lose.',
  },
  {
    modes: ['close-at-accept'],
    faults: ['close-at-accept@50%'],
    load: { connections: '8' },
    claims: [
      'sessions.peer-closed = fault.fins - trial.ended',
      'sessions.closed-by-plan = 8 - sessions.peer-closed',
      'frames.matched = 20 * sessions.closed-by-plan',
      'frames.lost <= sessions.peer-closed',
    ],
    because: 'A FIN that comes before the first frame was sent leaves nothing to lose.',
  },
  {
    modes: ['fin-mid-frame'],
    faults: ['fin-mid-frame:3'],
    claims: [
      'sessions.peer-closed-mid-frame = 4',
      'sessions.peer-closed-mid-frame = fault.fins',
      'frames.matched = 12',
      'frames.lost = 4',
      'bytes.sent = fault.readBytes',
      'bytes.received = fault.sentBytes',
      ...CUT_IN_HALF,
    ],
  },
  {
    modes: ['fin-mid-frame'],
    faults: ['fin-mid-frame:3@50%'],
    load: { connections: '8' },
    claims: [
      'sessions.peer-closed-mid-frame = fault.fins',
      'sessions.closed-by-plan = 8 - fault.fins',
      'frames.lost = fault.fins',
      'frames.matched = 20 * sessions.closed-by-plan + 3 * fault.fins',
      'partialReads.count = fault.fins',
      'partialReads.bytesReceived = fault.sentBytes - 3 * 68 * fault.fins',
    ],
  },
  {
    modes: ['reset-mid-frame'],
    faults: ['reset-mid-frame:3'],
    claims: [
      'sessions.reset-mid-frame = 4',
      'sessions.reset-mid-frame = fault.resets',
      'frames.matched = 12',
      'frames.lost = 4',
      'bytes.sent = fault.readBytes',
      'bytes.received = fault.sentBytes',
      ...CUT_IN_HALF,
    ],
  },
  ...READING_EXPECTATIONS,
  {
    modes: ['read-slowly'],
    faults: ['read-slowly:100kB/s'],
    load: { payload: '9996B', connectionLifetime: '4 frames' },
    claims: [
      'sessions.closed-by-plan = 4',
      'frames.matched = 16',
      'bytes.sent = fault.readBytes',
      'histograms.response.min >= 80000',
      ...SAME_WIRE,
    ],
    because: 'A frame of 10 kB takes 100 ms at this rate, of which the first step of 10 ms costs nothing.',
  },
  {
    modes: ['never-reply'],
    faults: ['never-reply'],
    load: { window: '4', readTimeout: '300ms' },
    claims: [
      'sessions.read-timeout = 4',
      'frames.lost = 16',
      'frames.lost = fault.framesUnanswered',
      'frames.sent = target.frames.received',
      'histograms.detect.min >= 300000',
      'halfOpen.found = 4',
    ],
  },
  {
    modes: ['never-reply'],
    faults: ['never-reply@25%'],
    load: { connections: '8', readTimeout: '300ms' },
    claims: [
      'sessions.read-timeout = fault.framesUnanswered',
      'sessions.closed-by-plan = 8 - sessions.read-timeout',
      'frames.lost = fault.framesUnanswered',
      'frames.matched = 20 * sessions.closed-by-plan',
      'sessions.read-timeout <= fault.connections',
      'sessions.read-timeout >= fault.connections - 1',
    ],
    because: 'The trial dial can be one of the connections that get no reply, and asks for none.',
  },
  {
    modes: ['delay'],
    faults: ['delay:20ms'],
    claims: [
      ...ALL_MATCHED,
      'frames.matched = fault.framesDelayed',
      'histograms.service.min >= 20000',
      'histograms.service.max + 1000 >= 1000 * fault.delayMsMax',
    ],
    because: 'Times of histograms are exact to three digits.',
  },
  {
    modes: ['delay-grows'],
    faults: ['delay-grows:50ms/s'],
    claims: [
      ...ALL_MATCHED,
      'frames.matched = fault.framesDelayed',
      'histograms.service.max + 1000 >= 1000 * fault.delayMsMax',
      'histograms.service.max >= 2 * histograms.service.min - 20000',
    ],
  },
  {
    modes: ['capacity'],
    faults: ['capacity:200/s'],
    load: { window: '4' },
    claims: [
      ...ALL_MATCHED,
      'frames.matched <= 200 * run.seconds + 1',
      'frames.matched >= fault.framesDelayed',
    ],
    because: 'A reply that the rate allows at once is not delayed.',
  },
  {
    modes: ['corrupt'],
    faults: ['corrupt:25%'],
    claims: [
      ...ALL_DONE,
      'frames.corrupt = fault.framesCorrupted',
      'frames.corrupt >= 16',
      'frames.matched = 80 - fault.framesCorrupted',
      ...SAME_WIRE,
    ],
  },
  {
    modes: ['duplicate'],
    faults: ['duplicate:25%'],
    claims: [
      ...ALL_DONE,
      'frames.matched = 80',
      'frames.duplicate <= fault.framesDuplicated',
      'frames.duplicate + 4 >= fault.framesDuplicated',
      'frames.duplicate >= 12',
      'target.frames.sent = 80 + fault.framesDuplicated',
    ],
    because:
      'Nothing is owed once the last frame is answered: a copy of that reply may come after the close.',
  },
  {
    modes: ['duplicate'],
    faults: ['duplicate'],
    load: { payload: '4B', think: '20ms' },
    claims: [
      ...ALL_DONE,
      'frames.matched = 80',
      'frames.unsolicited <= fault.framesDuplicated',
      'frames.unsolicited + 4 >= fault.framesDuplicated',
      'fault.framesDuplicated = 80',
    ],
    because:
      'Four bytes have no room for a stamp. A copy that finds nothing in flight belongs to no frame; the last may come after the close.',
  },
  {
    modes: ['zero-length'],
    faults: ['zero-length:25%'],
    claims: [
      ...ALL_DONE,
      'frames.corrupt = fault.framesEmptied',
      'frames.corrupt >= 16',
      'frames.matched = 80 - fault.framesEmptied',
      ...SAME_WIRE,
    ],
  },
  {
    modes: ['oversize-length'],
    faults: ['oversize-length:3'],
    claims: [
      'sessions.oversize-frame = 4',
      'sessions.oversize-frame = fault.framesOversized',
      'frames.matched = 12',
      'frames.lost = 4',
      'frames.sent = target.frames.received',
      'bytes.received = target.bytes.sent',
      'partialReads.count = 4',
      'partialReads.bytesReceived = target.bytes.sent - 68 * frames.matched',
    ],
  },
  {
    modes: ['reorder'],
    faults: ['reorder'],
    load: { window: '4' },
    claims: [...ALL_MATCHED, 'frames.reordered = fault.framesReordered', 'frames.reordered >= 30'],
  },
  {
    modes: ['coalesce'],
    faults: ['coalesce:4'],
    load: { window: '4' },
    claims: [
      ...ALL_MATCHED,
      'frames.matched = fault.framesCoalesced',
      'fault.writes >= 20',
      'fault.writes <= 30',
    ],
    because: 'A frame that is 50 ms behind the one before it on a busy machine is not in its group.',
  },
  {
    modes: ['coalesce'],
    faults: ['coalesce:3'],
    load: { window: '4' },
    claims: [
      ...ALL_MATCHED,
      'frames.matched = fault.framesCoalesced',
      'fault.writes >= 4 * 7',
      'histograms.service.max >= 50000',
    ],
    because:
      'Twenty frames are six groups of three, and two that leave when nothing came behind them for 50 ms.',
  },
  {
    modes: ['coalesce'],
    faults: ['coalesce:4'],
    load: { window: '2' },
    claims: [
      ...ALL_MATCHED,
      'frames.matched = fault.framesCoalesced',
      'fault.writes >= 40',
      'histograms.service.min >= 50000',
    ],
    because: 'There are never four in flight: what is there leaves after 50 ms.',
  },
  {
    modes: ['dribble'],
    faults: ['dribble:1ms'],
    load: { payload: '16B', connectionLifetime: '10 frames' },
    claims: [
      'sessions.closed-by-plan = 4',
      'frames.matched = 40',
      'bytes.received = fault.bytesDribbled',
      'histograms.response.min >= 19000',
      ...SAME_WIRE,
    ],
  },
  {
    modes: ['dribble'],
    faults: ['dribble:2ms'],
    load: { payload: '996B', readTimeout: '300ms' },
    claims: [
      'sessions.read-timeout-mid-frame = 4',
      'frames.lost = 4',
      'frames.sent = target.frames.received',
      'bytes.received <= fault.bytesDribbled',
      'partialReads.count = 4',
      'partialReads.bytesReceived = bytes.received',
      'halfOpen.found = 0',
    ],
    because: 'The target goes on for as long as it has not heard of the close.',
  },
  {
    modes: ['push'],
    faults: ['push:50/s'],
    load: { match: 'id', think: '20ms' },
    claims: [
      ...ALL_DONE,
      'frames.matched = 80',
      'frames.unsolicited <= fault.framesPushed',
      'frames.unsolicited >= 40',
      'target.frames.sent = 80 + fault.framesPushed',
    ],
    because: 'Frames are pushed until the target has heard of the close; the trial dial can get one too.',
  },
  {
    modes: ['fin-mid-frame', 'reset-mid-frame', 'never-reply'],
    faults: ['fin-mid-frame:3@25%', 'reset-mid-frame:3@25%', 'never-reply@25%'],
    load: { connections: '12', readTimeout: '300ms' },
    claims: [
      'sessions.peer-closed-mid-frame = fault.fins',
      'sessions.reset-mid-frame = fault2.resets',
      'sessions.read-timeout = fault3.framesUnanswered',
      'sessions.closed-by-plan = 12 - frames.lost',
      'frames.lost = fault.fins + fault2.resets + fault3.framesUnanswered',
      'frames.lost >= 8',
      'frames.matched = 20 * sessions.closed-by-plan + 3 * fault.fins + 3 * fault2.resets',
      'partialReads.count = fault.fins + fault2.resets',
      'partialReads.bytesReceived = 34 * fault.fins + 34 * fault2.resets',
    ],
  },
];
