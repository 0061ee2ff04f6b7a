/**
 * What the session layer costs a frame: everything between the bytes of a reply and the call that sends the next frame,
 * with an engine that makes no system calls. Once as it is run, and once with V8's own limit on inlining.
 */
import { spawnSync } from 'node:child_process';
import { monotonicClock } from '../../dist/base/clock.js';
import { parseFrameFormat } from '../../dist/framing/frame-format.js';
import { parsePayloadSize } from '../../dist/framing/payload-size.js';
import { Meter } from '../../dist/measure/meter.js';
import { createSessionContext, newSlotMemory } from '../../dist/session/session-context.js';
import { SessionTable } from '../../dist/session/session-table.js';
import { Session } from '../../dist/session/session.js';
import { medianNs, printNs } from './rounds.js';

const CONNECTIONS = 1000;
const TURNS = 100;
const FRAME_WORDS = 17;
const DEFAULT_INLINING = 'v8-default-inlining';

if (process.argv[2] !== DEFAULT_INLINING) await import('../../dist/shard/worker.js');

const clock = monotonicClock();
const memory = () => Buffer.from(new ArrayBuffer(65_536));
const outbox = memory();
const inbox = memory();
const outboxWords = new Uint32Array(outbox.buffer);
const inboxWords = new Uint32Array(inbox.buffer);
const sent = Array.from({ length: CONNECTIONS }, () => new Uint32Array(FRAME_WORDS));
const nothing = () => {};
const chunk = { bytes: inbox, start: 0, end: FRAME_WORDS * 4 };

const engine = {
  outbox,
  outboxStart: 0,
  outboxBytes: outbox.length,
  dial: nothing,
  setDeadline: nothing,
  clearDeadline: nothing,
  nowUs: () => clock.nowUs(),
  sendTogether(slot) {
    const frame = sent[slot];
    for (let i = 0; i < FRAME_WORDS; i++) frame[i] = outboxWords[i];
    return true;
  },
};
const plan = {
  addresses: [{ family: 4, host: '127.0.0.1', port: 1 }],
  tls: null,
  socket: { noDelay: true, keepAlive: null, userTimeoutMs: null },
  sourceIps: [],
  frame: { format: parseFrameFormat('u32be'), header: null, maxBytes: 2 ** 20 },
  payload: { size: parsePayloadSize('64B'), message: null, stamp: true },
  preface: { send: null, expect: null, timeoutUs: 5e6 },
  load: { model: 'closed', window: 1, thinkUs: 0 },
  match: { mode: 'fifo', verifyEcho: true },
  heartbeat: null,
  lifetime: null,
  reconnect: 'none',
  close: 'fin',
  timeouts: { connectUs: 3e6, readUs: 5e6, writeUs: 5e6 },
  connections: CONNECTIONS,
  firstConnection: 0,
  seed: 1,
  warmupUs: 0,
  durationUs: 1e12,
};

const table = new SessionTable({
  connections: CONNECTIONS,
  owner: { tick: nothing, ownerExpired: nothing },
  dialDue: nothing,
});
const context = createSessionContext({
  plan,
  engine,
  meter: new Meter(1),
  memory: newSlotMemory(CONNECTIONS),
  slots: { first: 0, count: CONNECTIONS },
  originUs: clock.nowUs(),
  followPlan: nothing,
  connected: nothing,
  localLimitReached: nothing,
  dialEnded: nothing,
  sessionEnded: nothing,
});
for (let slot = 0; slot < CONNECTIONS; slot++) {
  const session = new Session(context, { slot, connection: slot });
  table.put(slot, session);
  session.dial();
  table.dialed(slot, clock.nowUs(), { synRetransmits: 0 });
}

const how = process.argv[2] ?? 'as in a run';
printNs(`reply to next frame, 64 B, ${how}`, medianNs(TURNS * CONNECTIONS, turns));
if (how !== DEFAULT_INLINING) {
  spawnSync(process.execPath, [import.meta.filename, DEFAULT_INLINING], { stdio: 'inherit' });
}

function turns() {
  for (let turn = 0; turn < TURNS; turn++) {
    for (let slot = 0; slot < CONNECTIONS; slot++) {
      const frame = sent[slot];
      for (let i = 0; i < FRAME_WORDS; i++) inboxWords[i] = frame[i];
      table.received(slot, chunk, clock.nowUs());
    }
  }
}
