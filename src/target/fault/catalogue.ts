import type { CountName, FaultName } from './fault.ts';
import {
  COALESCE_HOLD_MS_MAX,
  DELAYED_ACK_PAUSE_MS,
  REORDER_HOLD_MS_MAX,
  RESET_PAUSE_MS,
  SEAL_PAUSE_MS,
} from './limits.ts';

/**
 * What a fault asks of the target it is laid on:
 * `libc` Linux and koffi, because node:net accepts and reads whatever is there; `frames` a framing (not `none`);
 * `length` a length field that can tell more than the largest payload; `empty` a framing that has empty frames;
 * `replies` echo mode; `plain` no TLS; `tcp` no unix socket.
 */
export type FaultNeed = 'libc' | 'frames' | 'length' | 'empty' | 'replies' | 'plain' | 'tcp';

/** What there is to know about a fault. */
export interface FaultEntry {
  /** The accepted form; brackets hold what may be left out. */
  syntax: string;
  example: string;
  /** `target`: it concerns the whole target and takes no share. */
  scope: 'target' | 'connection';
  needs: readonly FaultNeed[];
  /** What it does on the wire. */
  effect: string;
  /** What a correct tester reports. */
  report: string;
  /** What its truth counts. */
  counts: readonly CountName[];
}

const ENDING_COUNTS = ['fins', 'resets', 'readBytes', 'unreadBytes', 'sentBytes'] as const;
const DELAY_COUNTS = ['framesDelayed', 'delayMsTotal', 'delayMsMax'] as const;

/**
 * Every fault mode: the one source of the grammar's accepted forms, of `--help` and `--list-faults`, and of the table in
 * docs/faults.md.
 */
export const FAULT_CATALOGUE: Readonly<Record<FaultName, FaultEntry>> = {
  'never-accept': {
    syntax: 'never-accept',
    example: 'never-accept',
    scope: 'target',
    needs: ['libc'],
    effect:
      'The target listens and never accepts. The kernel completes --backlog + 1 dials; the SYNs of all others are dropped without an answer.',
    report:
      'backlog + 1 dials connected, whose sessions end in read-timeout (preface-timeout where a preface is expected; with TLS tls-failed once the connect timeout has passed, and since no session was ever open, exit code 123); all other dials timedOut (abandoned where the run ends first), with SYN retransmissions where the engine sees them.',
    counts: ['waitingAtEnd'],
  },
  'accept-slowly': {
    syntax: 'accept-slowly:RATE',
    example: 'accept-slowly:5/s',
    scope: 'target',
    needs: ['libc'],
    effect: 'Connections are accepted one by one, at most RATE; the others wait in the backlog.',
    report:
      'dials connected up to the backlog, those beyond it stalled (SYN retransmissions) or timedOut; the wait for accept is part of the first response.',
    counts: ['accepted', 'waitingAtEnd'],
  },
  'pause-accept': {
    syntax: 'pause-accept:TIME/START',
    example: 'pause-accept:2s/1s',
    scope: 'target',
    needs: ['libc'],
    effect: 'From START on, nothing is accepted for TIME. Open connections are served.',
    report:
      'dials beyond the backlog stalled in that time; first responses of connections that dialled in it longer by up to TIME.',
    counts: ['waitingAtEnd'],
  },
  freeze: {
    syntax: 'freeze:TIME/START[/EVERY]',
    example: 'freeze:2s/10s',
    scope: 'target',
    needs: ['libc'],
    effect:
      'From START on, the whole target stands still for TIME: no accept, no read, no reply. Everything queued is answered afterwards. With EVERY it does so again each time that EVERY has passed.',
    report:
      'no failure where deadlines are longer than TIME; responses of frames due in the freeze up to TIME longer; read-timeout where the deadline is shorter.',
    counts: ['waitingAtEnd'],
  },
  'close-at-accept': {
    syntax: 'close-at-accept',
    example: 'close-at-accept@10%',
    scope: 'connection',
    needs: [],
    effect: 'FIN as soon as the connection is accepted; what the client sends is read and thrown away.',
    report: 'dial connected, session peer-closed, its frames lost.',
    counts: ENDING_COUNTS,
  },
  'fin-mid-frame': {
    syntax: 'fin-mid-frame[:FRAMES]',
    example: 'fin-mid-frame:3@5%',
    scope: 'connection',
    needs: ['frames', 'replies'],
    effect:
      'After FRAMES whole replies (0 if not given), the first half of the next one and then FIN. A reply of one byte cannot be cut and is sent whole.',
    report: 'session peer-closed-mid-frame; FRAMES replies matched, the others lost.',
    counts: ENDING_COUNTS,
  },
  'reset-mid-frame': {
    syntax: 'reset-mid-frame[:FRAMES]',
    example: 'reset-mid-frame:3@5%',
    scope: 'connection',
    needs: ['frames', 'replies', 'plain', 'tcp'],
    effect: `The same, with RST in place of FIN, ${RESET_PAUSE_MS} ms after the kernel has taken the half frame.`,
    report: 'session reset-mid-frame; FRAMES replies matched, the others lost.',
    counts: ENDING_COUNTS,
  },
  'reset-after': {
    syntax: 'reset-after:BYTES',
    example: 'reset-after:10kB@5%',
    scope: 'connection',
    needs: ['libc', 'plain', 'tcp'],
    effect:
      `RST when exactly BYTES were read from the connection, prefaces included. What came after them is lost in the kernel and counted as unread; from then until the RST, ${SEAL_PAUSE_MS} ms later, or ${DELAYED_ACK_PAUSE_MS} ms where bytes are unread (the kernel may put off their acknowledgement), ` +
      'the kernel takes in and acknowledges nothing more.',
    report:
      'session reset, or reset-mid-frame where BYTES end inside a frame, since bytes are echoed as they come (broken-pipe where a write met the reset first); the bytes that the target acknowledged are those read plus those unread, to the byte, and the others that were sent are unacknowledged. ' +
      `Lost is also every frame that is sent until the RST: of R a second on a connection ${SEAL_PAUSE_MS / 1000} R where BYTES end with a frame and the next is not there yet, else ${DELAYED_ACK_PAUSE_MS / 1000} R.`,
    counts: ENDING_COUNTS,
  },
  'stop-reading': {
    syntax: 'stop-reading:BYTES',
    example: 'stop-reading:1MB@5%',
    scope: 'connection',
    needs: ['libc', 'plain'],
    effect: 'Nothing is read any more after exactly BYTES; the receive window closes.',
    report:
      'write stalls and write-timeout once the buffers are full, else read-timeout for the reply that is owed, or read-timeout-mid-frame where BYTES end inside a frame, since bytes are echoed as they come.',
    counts: ['stopped', 'readBytes', 'unreadBytes', 'sentBytes'],
  },
  'read-slowly': {
    syntax: 'read-slowly:BYTES/s',
    example: 'read-slowly:10kB/s',
    scope: 'connection',
    needs: ['libc', 'plain'],
    effect: 'Each connection is read at BYTES a second.',
    report: 'bytes sent at that rate once the buffers are full, write stalls, long responses; no failure.',
    counts: ['readBytes'],
  },
  'never-reply': {
    syntax: 'never-reply',
    example: 'never-reply@1%',
    scope: 'connection',
    needs: ['replies'],
    effect: 'Frames are read and never answered.',
    report: 'session read-timeout, its frames lost; frames in flight at the end where no timeout is set.',
    counts: ['framesUnanswered'],
  },
  delay: {
    syntax: 'delay:TIME|uniform:TIME..TIME|exponential:MEAN',
    example: 'delay:uniform:1ms..5ms',
    scope: 'connection',
    needs: ['replies'],
    effect: 'Each reply waits TIME, or a time of that distribution. Replies of a connection stay in order.',
    report: 'every frame matched; service and response longer by the delay.',
    counts: DELAY_COUNTS,
  },
  'delay-grows': {
    syntax: 'delay-grows:TIME/s|min|h',
    example: 'delay-grows:1ms/min',
    scope: 'connection',
    needs: ['replies'],
    effect: 'Replies wait a time that begins at 0 when the target starts and grows without end.',
    report: 'every frame matched; response drifts upward at that slope.',
    counts: DELAY_COUNTS,
  },
  capacity: {
    syntax: 'capacity:RATE',
    example: 'capacity:5k/s',
    scope: 'connection',
    needs: ['replies'],
    effect:
      'All its connections together are answered at RATE frames a second at most; the rest queues first in, first out.',
    report:
      'throughput never above RATE; offered more, response grows for as long as the load lasts (open model) or settles at connections x window / RATE (closed model).',
    counts: DELAY_COUNTS,
  },
  corrupt: {
    syntax: 'corrupt[:SHARE]',
    example: 'corrupt:1%',
    scope: 'connection',
    needs: ['frames', 'replies'],
    effect:
      'In SHARE of the replies (all if not given) one bit of the last payload byte is flipped. Empty payloads pass.',
    report:
      'as many frames corrupt where payloads are verified, the session goes on; where payloads are no longer than their stamp and replies are matched by id, unsolicited may stand for corrupt.',
    counts: ['framesCorrupted'],
  },
  duplicate: {
    syntax: 'duplicate[:SHARE]',
    example: 'duplicate:1%',
    scope: 'connection',
    needs: ['frames', 'replies'],
    effect: 'SHARE of the replies (all if not given) are sent twice in a row.',
    report:
      'every frame matched, as many duplicate where payloads carry a stamp; without stamps the copy counts for the next frame in flight, and is unsolicited where none is.',
    counts: ['framesDuplicated'],
  },
  'zero-length': {
    syntax: 'zero-length[:SHARE]',
    example: 'zero-length:1%',
    scope: 'connection',
    needs: ['frames', 'empty', 'replies'],
    effect: 'An empty frame is sent in place of SHARE of the replies (all if not given).',
    report:
      'as many frames corrupt where payloads are verified (fifo), matched where they are not; by id: as many unsolicited, and their frames lost by read-timeout.',
    counts: ['framesEmptied'],
  },
  'oversize-length': {
    syntax: 'oversize-length[:FRAMES]',
    example: 'oversize-length:3@5%',
    scope: 'connection',
    needs: ['frames', 'length', 'replies'],
    effect:
      'After FRAMES whole replies (0 if not given), a header that announces the largest length its field can tell, and nothing more.',
    report: 'session oversize-frame; FRAMES replies matched, the others lost.',
    counts: ['framesOversized'],
  },
  reorder: {
    syntax: 'reorder',
    example: 'reorder',
    scope: 'connection',
    needs: ['frames', 'replies'],
    effect: `Neighbouring replies change places: 2 1 4 3. A reply without a neighbour within ${REORDER_HOLD_MS_MAX} ms goes out in its turn.`,
    report:
      'every frame matched, as many of them reordered, where payloads carry a stamp and the window is above 1; without stamps the swap is not visible or looks corrupt.',
    counts: ['framesReordered'],
  },
  coalesce: {
    syntax: 'coalesce:FRAMES',
    example: 'coalesce:8',
    scope: 'connection',
    needs: ['frames', 'replies'],
    effect: `Replies are held until there are FRAMES of them (or 4 MiB), or none has come for ${COALESCE_HOLD_MS_MAX} ms, and leave in one write.`,
    report: `every frame matched; responses longer by the wait for the frames behind them, where too few are in flight (the window is below FRAMES, or the last of a connection are no FRAMES) by ${COALESCE_HOLD_MS_MAX} ms: read-timeout where the deadline is shorter.`,
    counts: ['framesCoalesced', 'writes'],
  },
  dribble: {
    syntax: 'dribble:TIME',
    example: 'dribble:5ms',
    scope: 'connection',
    needs: ['replies'],
    effect:
      'Replies leave one byte at a time, one every TIME; one that is late may arrive together with the next.',
    report:
      'every frame matched, responses of at least TIME times the frame length less one, since the first byte need not wait; read-timeout-mid-frame where the deadline is shorter.',
    counts: ['bytesDribbled'],
  },
  push: {
    syntax: 'push:RATE[,stamp]',
    example: 'push:10/s',
    scope: 'connection',
    needs: ['frames'],
    effect:
      'Each connection is sent RATE frames that nobody asked for, beside its replies. A client that does not read gets none. ' +
      'With stamp their payload begins with the time (u64be, microseconds of CLOCK_MONOTONIC).',
    report:
      'as many frames unsolicited with match id or with nothing in flight (fifo with frames in flight takes one for the reply: corrupt, then duplicate); received one-way in sink mode.',
    counts: ['framesPushed'],
  },
};

export const FAULT_NAMES = Object.keys(FAULT_CATALOGUE) as readonly FaultName[];
