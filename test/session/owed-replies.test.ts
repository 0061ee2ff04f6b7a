import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Engine } from '../../src/engine/engine.ts';
import { createEncoder } from '../../src/framing/encoder.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { parsePayloadSize } from '../../src/framing/payload-size.ts';
import { PayloadSource } from '../../src/framing/payload.ts';
import { createStamp, stampBytes } from '../../src/framing/stamp.ts';
import { ConnectionAges } from '../../src/measure/connection-ages.ts';
import { COUNTER } from '../../src/measure/counters.ts';
import { Meter } from '../../src/measure/meter.ts';
import { InFlight } from '../../src/session/in-flight.ts';
import { NOT_OWED, OwedReplies } from '../../src/session/owed-replies.ts';
import { ReplyTimes } from '../../src/session/reply-times.ts';
import { Session } from '../../src/session/session.ts';
import { soleContext } from '../support/session-context.ts';
import { sessionPlan } from '../support/shard-run.ts';

const CONNECTION = 7;
const FRAME_MAX = 2 ** 20;

interface BenchOptions {
  format?: string;
  mode?: 'fifo' | 'id' | 'none';
  verifyEcho?: boolean;
  stamped?: boolean;
  maxBytes?: number;
}

/** One connection's frames in flight, and what knows its replies. */
class Bench {
  readonly inFlight: InFlight = new InFlight();
  readonly owed: OwedReplies | null;
  readonly #spec: string;
  readonly #payload: PayloadSource;
  #nowUs: number = 2 ** 33 + 0.75;

  constructor({
    format = 'u32be',
    mode = 'fifo',
    verifyEcho = true,
    stamped = true,
    maxBytes,
  }: BenchOptions) {
    this.#spec = format;
    const parsed = parseFrameFormat(format);
    const stamp = stamped ? createStamp(parsed) : null;
    const size = parsePayloadSize('uniform:32B..600B');
    this.#payload = new PayloadSource({ size, message: null, stamp, seed: 5, format: parsed });
    const rules = {
      mode,
      verifyEcho,
      stampBytes: stamp === null ? 0 : stampBytes(parsed),
      stamp,
      payload: this.#payload,
      firstConnection: 100,
    };
    const meter = new Meter(1);
    this.owed = OwedReplies.of({
      rules,
      frame: { format: parsed, maxBytes: maxBytes ?? FRAME_MAX },
      times: new ReplyTimes({
        meter,
        ages: new ConnectionAges(1),
        unmeasured: meter.recorder('dial'),
        measureFromUs: 0,
      }),
      counters: meter.counters,
    });
  }

  /** Sends a frame of this payload; the frame as it should come back. */
  send(bytes: number = 64): Buffer {
    const encoder = createEncoder(parseFrameFormat(this.#spec), null);
    this.#nowUs += 1000.5;
    const frame = Buffer.alloc(encoder.frameBytes(bytes));
    const stamp = { connection: 100 + CONNECTION, sequence: this.inFlight.next, timeUs: this.#nowUs };
    this.#payload.write(frame, encoder.payloadStart(bytes), bytes, stamp);
    encoder.encodeAround(frame, 0, bytes);
    this.inFlight.push(this.#nowUs, this.#nowUs, bytes);
    return frame;
  }

  endOf(
    bytes: Buffer,
    start: number = 0,
    end: number = bytes.length,
    connection: number = CONNECTION,
  ): number {
    if (this.owed === null) throw new Error('replies are not known');
    return this.owed.endOf({ inFlight: this.inFlight, connection }, bytes, start, end);
  }
}

const FORMATS = ['u32be', 'u8', 'u16le', 'u64be', 'u32be@4/12', 'u16be+header'];

describe('OwedReplies', () => {
  test.each(FORMATS)('knows the frame that waits longest, of %s, wherever it lies', (format) => {
    const frames = fc.tuple(fc.integer({ min: 32, max: 200 }), fc.nat(9), fc.boolean(), fc.nat(40));
    fc.assert(
      fc.property(frames, ([bytes, at, stamped, behind]) => {
        const bench = new Bench({ format, stamped });
        const frame = bench.send(bytes);
        bench.send(bytes);
        const chunk = Buffer.concat([Buffer.alloc(at), frame, Buffer.alloc(behind, 1)]);
        expect(bench.endOf(chunk, at)).toBe(at + frame.length);
        expect(bench.endOf(chunk, at, at + frame.length - 1)).toBe(NOT_OWED);
      }),
    );
  });

  test('leaves a frame alone of which any byte is another', () => {
    const bench = new Bench({});
    const frame = bench.send();
    for (let at = 0; at < frame.length; at++) {
      frame[at]! ^= 1;
      expect(bench.endOf(frame), `byte ${at}`).toBe(NOT_OWED);
      frame[at]! ^= 1;
    }
    expect(bench.endOf(frame)).toBe(frame.length);
  });

  test.each<{ what: string; spoil: (bench: Bench, frame: Buffer) => number }>([
    {
      what: 'a later frame',
      spoil: (bench) => bench.endOf(bench.send()),
    },
    {
      what: 'a second copy',
      spoil: (bench, frame) => {
        bench.inFlight.complete(0);
        bench.send();
        return bench.endOf(frame);
      },
    },
    {
      what: 'anything where nothing is owed',
      spoil: (bench, frame) => {
        bench.inFlight.complete(0);
        return bench.endOf(frame);
      },
    },
    {
      what: 'one that was overtaken, which counts as reordered',
      spoil: (bench, frame) => {
        bench.send();
        bench.inFlight.highestMatched = 1;
        bench.inFlight.complete(1);
        return bench.endOf(frame);
      },
    },
    {
      what: 'a heartbeat',
      spoil: (bench, frame) => {
        bench.inFlight.heartbeat = 0;
        return bench.endOf(frame);
      },
    },
    {
      what: "another connection's frame",
      spoil: (bench, frame) => bench.endOf(frame, 0, frame.length, CONNECTION + 1),
    },
  ])('leaves $what to the reader', ({ spoil }) => {
    const bench = new Bench({});
    expect(spoil(bench, bench.send())).toBe(NOT_OWED);
  });

  test.each<BenchOptions & { what: string }>([
    { what: 'replies are not verified', verifyEcho: false },
    { what: 'none is expected', mode: 'none' },
    { what: 'headers vary in size', format: 'varint' },
    { what: 'frames end with a delimiter', format: 'delim:\\n' },
    { what: 'the largest is refused', maxBytes: 599 },
  ])('is not used where $what', (options) => {
    expect(new Bench(options).owed).toBeNull();
  });

  test('is used with stamps alone as well', () => {
    const bench = new Bench({ mode: 'id' });
    const frame = bench.send();
    expect(bench.endOf(frame)).toBe(frame.length);
  });
});

/** What a target does with the oldest frame that it has not answered. */
type Deed = 'echo' | 'damage' | 'copy' | 'later' | 'unasked';

interface Step {
  deed: Deed;
  /** Which byte is damaged. */
  at: number;
  /** In pieces of how many bytes the answer arrives. */
  pieceBytes: number;
}

const DEEDS: readonly Deed[] = ['echo', 'echo', 'echo', 'damage', 'copy', 'later', 'unasked'];

const anyStep: fc.Arbitrary<Step> = fc.record({
  deed: fc.constantFrom(...DEEDS),
  at: fc.nat(1000),
  pieceBytes: fc.oneof(fc.constant(100_000), fc.integer({ min: 1, max: 150 })),
});

/** The bytes that come back, and the frames that are then still unanswered. */
function answer({ deed, at }: Step, owed: readonly Buffer[]): { bytes: Buffer; left: Buffer[] } {
  const [first = Buffer.alloc(0), ...rest] = owed.map((frame) => Buffer.from(frame));
  if (deed === 'damage') first[4 + (at % (first.length - 4))]! ^= 1;
  if (deed === 'copy') return { bytes: Buffer.concat([first, first]), left: rest };
  if (deed === 'unasked') return { bytes: Buffer.from([0, 0, 0, 2, 1, 2]), left: [first, ...rest] };
  if (deed === 'later' && rest.length > 0)
    return { bytes: Buffer.concat([...rest.splice(0, 1), first]), left: rest };
  return { bytes: first, left: rest };
}

/** An engine that keeps what is sent, and moves its clock by hand. */
class TestEngine {
  readonly outbox: Buffer = Buffer.alloc(65_536);
  readonly outboxStart: number = 0;
  readonly outboxBytes: number = 65_536;
  /** Frames in the order in which they were sent. */
  sent: Buffer[] = [];
  timeUs: number = 1000.25;

  nowUs(): number {
    return this.timeUs;
  }

  send(_slot: number, start: number, end: number): boolean {
    for (let at = start; at < end;) {
      const frameEnd = at + 4 + this.outbox.readUInt32BE(at);
      this.sent.push(Buffer.from(this.outbox.subarray(at, frameEnd)));
      at = frameEnd;
    }
    return true;
  }

  sendTogether(slot: number, start: number, end: number): boolean {
    return this.send(slot, start, end);
  }

  dial(): void {}
  destroy(): void {}
  setDeadline(): void {}
  clearDeadline(): void {}
}

/** What a session with a window of `window` frames counts and times when its target takes these steps. */
function play(window: number, steps: readonly Step[], knowsOwed: boolean): unknown {
  const engine = new TestEngine();
  const plan = sessionPlan(
    { family: 4, host: '127.0.0.1', port: 1 },
    {
      load: { model: 'closed', window, thinkUs: 0 },
      payload: { size: parsePayloadSize('uniform:32B..200B'), message: null, stamp: true },
    },
  );
  const context = soleContext(plan, engine as unknown as Engine);
  if (!knowsOwed) context.owedReplies = null;
  const session = new Session(context, { slot: 0, connection: 0, life: 0 });
  session.dial();
  session.dialed(engine.timeUs, { synRetransmits: 0 });
  for (const step of steps) {
    const { bytes, left } = answer(step, engine.sent);
    engine.sent = left;
    for (let start = 0; start < bytes.length; start += step.pieceBytes) {
      engine.timeUs += 37.5;
      const end = Math.min(bytes.length, start + step.pieceBytes);
      session.received({ bytes, start, end }, engine.timeUs);
    }
  }
  return { snapshot: context.meter.snapshot(), owed: session.inFlight.size, sent: engine.sent };
}

describe('a session that knows owed replies', () => {
  test('counts, times and sends as one that reads them all, whatever the target does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(anyStep, { maxLength: 30 }), (window, steps) => {
        expect(play(window, steps, true)).toEqual(play(window, steps, false));
      }),
    );
  });

  test('takes replies that came together one by one, and leaves the rest to the reader', () => {
    const engine = new TestEngine();
    const plan = sessionPlan(
      { family: 4, host: '127.0.0.1', port: 1 },
      { load: { model: 'closed', window: 3, thinkUs: 0 } },
    );
    const context = soleContext(plan, engine as unknown as Engine);
    const session = new Session(context, { slot: 0, connection: 0, life: 0 });
    session.dial();
    session.dialed(engine.timeUs, { synRetransmits: 0 });
    const bytes = Buffer.concat(engine.sent.splice(0));
    session.received({ bytes, start: 0, end: bytes.length - 5 }, 1100);
    expect(context.meter.counters[COUNTER.framesMatched]).toBe(2);
    session.received({ bytes, start: bytes.length - 5, end: bytes.length }, 1200);
    expect(context.meter.counters[COUNTER.framesMatched]).toBe(3);
    expect(context.meter.snapshot().histograms.service).toMatchObject({ count: 3, minUs: 100, maxUs: 200 });
  });
});
