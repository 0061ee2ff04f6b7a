import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { PayloadSource } from '../../src/framing/payload.ts';
import { parsePayloadSize } from '../../src/framing/payload-size.ts';
import { createStamp, stampBytes } from '../../src/framing/stamp.ts';
import { InFlight } from '../../src/session/in-flight.ts';
import { NO_FRAME, ReplyCheck, type ReplyKind } from '../../src/session/reply-check.ts';
import { cutAt } from '../support/framed-streams.ts';

interface BenchOptions {
  mode?: 'fifo' | 'id' | 'none';
  verifyEcho?: boolean;
  stamped?: boolean;
  format?: string;
  size?: string;
}

const CONNECTION = 0x0102_0304;

/** One connection's check with the payloads that were sent on it. */
class Bench {
  readonly inFlight: InFlight = new InFlight();
  readonly #source: PayloadSource;
  readonly #check: ReplyCheck;
  #nowUs: number = 5_000_000_000.25;

  constructor({ mode, verifyEcho, stamped, format, size }: BenchOptions = {}) {
    const parsed = parseFrameFormat(format ?? 'u32be');
    const stamp = stamped === false ? null : createStamp(parsed);
    this.#source = new PayloadSource({
      size: parsePayloadSize(size ?? '64B'),
      message: null,
      stamp,
      seed: 9,
      format: parsed,
    });
    const rules = {
      mode: mode ?? 'fifo',
      verifyEcho: verifyEcho ?? true,
      firstConnection: 0,
      stampBytes: stamp === null ? 0 : stampBytes(parsed),
      stamp,
      payload: this.#source,
    };
    this.#check = new ReplyCheck(rules, this.inFlight, CONNECTION);
  }

  /** Sends a frame; its payload as it should come back. */
  send(bytes: number = 64, connection: number = CONNECTION): Buffer {
    this.#nowUs += 1000.5;
    const payload = Buffer.alloc(bytes);
    const sequence = this.inFlight.next % 2 ** 32;
    this.#source.write(payload, 0, bytes, { connection, sequence, timeUs: this.#nowUs });
    this.inFlight.push(this.#nowUs - 10, this.#nowUs, bytes);
    return payload;
  }

  /** What a reply is taken for; cut at the given positions, each piece in a buffer of its own. */
  receive(payload: Uint8Array, cuts: number[] = []): { kind: ReplyKind; sequence: number } {
    let offset = 0;
    for (const piece of cutAt(payload, cuts)) {
      const around = Buffer.concat([Buffer.alloc(2, 0xee), piece, Buffer.alloc(2, 0xee)]);
      this.#check.piece(around, 2, 2 + piece.length, offset);
      offset += piece.length;
    }
    const kind = this.#check.finish(payload.length);
    const { sequence } = this.#check;
    if (sequence !== NO_FRAME) this.inFlight.complete(sequence);
    return { kind, sequence };
  }
}

function flipped(payload: Uint8Array, at: number, bits: number = 1): Buffer {
  const copy = Buffer.from(payload);
  copy[at] = (copy[at] ?? 0) ^ bits;
  return copy;
}

const formats = ['u32be', 'delim:\\n'];

describe.each(formats)('ReplyCheck with stamps in %s frames', (format) => {
  const stampSize = stampBytes(parseFrameFormat(format));

  test('takes an echo for the frame it belongs to, wherever it is cut, in the stamp too', () => {
    const cuts = fc.array(fc.nat(100), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(cuts, { minLength: 1, maxLength: 5 }), (frames) => {
        const bench = new Bench({ format });
        for (const [sequence, where] of frames.entries()) {
          expect(bench.receive(bench.send(), where)).toEqual({ kind: 'matched', sequence });
        }
        expect(bench.inFlight.size).toBe(0);
      }),
    );
    for (let cut = 0; cut <= stampSize + 1; cut++) {
      const bench = new Bench({ format });
      expect(bench.receive(bench.send(), [cut]).kind).toBe('matched');
    }
  });

  test('never takes an echo with one damaged byte for a match, wherever the byte stands', () => {
    const anyDamage = fc.record({ at: fc.nat(63), bits: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(anyDamage, fc.constantFrom('fifo' as const, 'id' as const), ({ at, bits }, mode) => {
        const bench = new Bench({ format, mode });
        const sent = [bench.send(), bench.send(), bench.send()];
        const { kind, sequence } = bench.receive(flipped(sent[0] ?? Buffer.alloc(0), at, bits));
        expect(['corrupt', 'unsolicited', 'duplicate']).toContain(kind);
        if (at < stampSize) return;
        expect({ kind, sequence }).toEqual({ kind: 'corrupt', sequence: 0 });
      }),
      { numRuns: 300 },
    );
  });

  test('tells each part of a damaged stamp apart', () => {
    const unit = stampSize / 16;
    const damagedAt = (byte: number): string => {
      const bench = new Bench({ format });
      const payload = bench.send();
      const other = bench.send();
      // Another value of the same form: text stamps are letters.
      const at = byte * unit;
      const replaced = flipped(payload, at);
      if (unit === 2) {
        const letters = [...other.subarray(0, stampSize), ...payload.subarray(0, stampSize)];
        replaced[at] = letters.find((letter) => letter !== payload[at]) ?? 0;
      }
      return bench.receive(replaced).kind;
    };
    // Another connection's stamp is as good as none: the oldest frame's reply came without it.
    expect(damagedAt(3)).toBe('corrupt');
    // A frame that was never sent.
    expect(damagedAt(4)).toBe('unsolicited');
    // A send time that is not the frame's.
    expect(damagedAt(15)).toBe('corrupt');
  });

  test('takes a second copy for a duplicate, and the first copy alone for the match', () => {
    const bench = new Bench({ format });
    const first = bench.send();
    bench.send();
    expect(bench.receive(first)).toEqual({ kind: 'matched', sequence: 0 });
    expect(bench.receive(first)).toEqual({ kind: 'duplicate', sequence: NO_FRAME });
    expect(bench.inFlight.size).toBe(1);
  });
});

describe('ReplyCheck: reordering', () => {
  test('calls a match reordered when a later frame was matched before it, in any order of arrival', () => {
    const anyArrival = fc
      .integer({ min: 1, max: 30 })
      .chain((frames) =>
        fc.shuffledSubarray([...Array(frames).keys()], { minLength: frames, maxLength: frames }),
      );
    fc.assert(
      fc.property(anyArrival, fc.constantFrom('fifo' as const, 'id' as const), (arrival, mode) => {
        const bench = new Bench({ mode });
        const sent = arrival.map(() => bench.send());
        // RFC 4737, section 3.3: reordered when its number is below the next expected one.
        let nextExpected = 0;
        for (const sequence of arrival) {
          const kind = sequence < nextExpected ? 'reordered' : 'matched';
          expect(bench.receive(sent[sequence] ?? Buffer.alloc(0))).toEqual({ kind, sequence });
          nextExpected = Math.max(nextExpected, sequence + 1);
        }
        expect(bench.inFlight.size).toBe(0);
      }),
    );
  });

  test('does not let a damaged reply move the expectation on', () => {
    const bench = new Bench();
    const sent = [bench.send(), bench.send()];
    expect(bench.receive(flipped(sent[1] ?? Buffer.alloc(0), 63)).kind).toBe('corrupt');
    expect(bench.receive(sent[0] ?? Buffer.alloc(0)).kind).toBe('matched');
  });
});

describe('ReplyCheck judges', () => {
  type Row = [
    what: string,
    options: BenchOptions,
    reply: (sent: Buffer, bench: Bench) => Uint8Array,
    kind: ReplyKind,
    frameIsDone: boolean,
  ];
  const other = (sent: Buffer): Buffer => Buffer.alloc(sent.length, 0x5a);
  test.each<Row>([
    ['a reply that is one byte short', {}, (sent) => sent.subarray(0, 63), 'corrupt', true],
    [
      'a reply that is one byte long',
      {},
      (sent) => Buffer.concat([sent, sent.subarray(63)]),
      'corrupt',
      true,
    ],
    ['a reply that ends within the stamp', {}, (sent) => sent.subarray(0, 15), 'corrupt', true],
    ['a reply that ends with the stamp', {}, (sent) => sent.subarray(0, 16), 'corrupt', true],
    ['an empty reply', {}, () => Buffer.alloc(0), 'corrupt', true],
    ["another connection's reply", {}, (_, bench) => bench.send(64, 5), 'corrupt', true],
    [
      "another connection's reply by id",
      { mode: 'id' },
      (_, bench) => bench.send(64, 5),
      'unsolicited',
      false,
    ],
    ['a reply without a stamp by id', { mode: 'id' }, other, 'unsolicited', false],
    [
      'a reply that is cut in its stamp, by id',
      { mode: 'id' },
      (sent) => sent.subarray(0, 9),
      'unsolicited',
      false,
    ],
    [
      'an answer of another content by id',
      { mode: 'id', verifyEcho: false },
      (sent) => flipped(sent, 60),
      'matched',
      true,
    ],
    [
      'an answer of another size by id',
      { mode: 'id', verifyEcho: false },
      (sent) => sent.subarray(0, 20),
      'matched',
      true,
    ],
    ['an answer of another content in order', { verifyEcho: false }, other, 'matched', true],
    ['an empty answer in order', { verifyEcho: false }, () => Buffer.alloc(0), 'matched', true],
    ['an echo without stamps', { stamped: false }, (sent) => sent, 'matched', true],
    ['a damaged echo without stamps', { stamped: false }, (sent) => flipped(sent, 0), 'corrupt', true],
    ['a short echo without stamps', { stamped: false }, (sent) => sent.subarray(1), 'corrupt', true],
    ['anything where no reply is expected', { mode: 'none', verifyEcho: false }, other, 'one-way', false],
  ])('%s', (_, options, reply, kind, frameIsDone) => {
    const bench = new Bench(options);
    const received = reply(bench.send(), bench);
    expect(bench.receive(received).kind).toBe(kind);
    expect(bench.inFlight.has(0)).toBe(!frameIsDone);
  });

  test.each<[string, BenchOptions]>([
    ['verified', {}],
    ['not verified', { verifyEcho: false }],
    ['without stamps', { stamped: false }],
    ['by id', { mode: 'id' }],
  ])('a frame that nothing asked for as unsolicited (%s)', (_, options) => {
    const bench = new Bench(options);
    expect(bench.receive(Buffer.alloc(64, 0x5a))).toEqual({ kind: 'unsolicited', sequence: NO_FRAME });
  });

  test('a stamp of a frame that was not sent yet as unsolicited', () => {
    const ahead = new Bench();
    ahead.send();
    const future = ahead.send();
    const bench = new Bench();
    bench.send();
    expect(bench.receive(future).kind).toBe('unsolicited');
    expect(bench.inFlight.has(0)).toBe(true);
  });

  test('echoes of sizes from the stamp to the maximum, by their own size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 16, max: 300 }), { minLength: 1 }), (sizes) => {
        const bench = new Bench({ size: 'uniform:16B..300B' });
        const sent = sizes.map((size) => bench.send(size));
        for (const payload of sent) expect(bench.receive(payload).kind).toBe('matched');
      }),
    );
  });
});
