import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { InFlight } from '../../src/session/in-flight.ts';

/** The same as InFlight, said with a Map. */
class Model {
  readonly waiting = new Map<number, [intendedUs: number, sentUs: number, payloadBytes: number]>();
  next: number;

  constructor(first: number) {
    this.next = first;
  }

  get oldest(): number {
    return Math.min(this.next, ...this.waiting.keys());
  }
}

/** `push` a frame, or `complete` the one at this share of those that wait. */
const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.constant<'push'>('push') },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 0.999, noNaN: true }) },
);

function expectSame(inFlight: InFlight, model: Model): void {
  expect(inFlight.size).toBe(model.waiting.size);
  expect(inFlight.next).toBe(model.next);
  expect(inFlight.oldest).toBe(model.oldest);
  for (const [sequence, [intendedUs, sentUs, payloadBytes]] of model.waiting) {
    expect(inFlight.intendedUs(sequence)).toBe(intendedUs);
    expect(inFlight.sentUs(sequence)).toBe(sentUs);
    expect(inFlight.payloadBytes(sequence)).toBe(payloadBytes);
  }
  for (let sequence = model.oldest - 3; sequence < model.next + 3; sequence++) {
    expect(inFlight.has(sequence)).toBe(model.waiting.has(sequence));
  }
}

describe('InFlight', () => {
  test.each([0, 2 ** 31 - 5, 2 ** 32 - 5, 2 ** 40 - 5])(
    'knows what a Map of the waiting frames knows, in any order of answers, from frame %d on',
    (first) => {
      fc.assert(
        fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
          const inFlight = new InFlight(first);
          const model = new Model(first);
          steps.forEach((step, index) => {
            if (step === 'push') {
              inFlight.push(index, index + 0.5, index % 7);
              model.waiting.set(model.next++, [index, index + 0.5, index % 7]);
            } else if (model.waiting.size > 0) {
              const sequence = [...model.waiting.keys()][Math.floor(step * model.waiting.size)] ?? 0;
              inFlight.complete(sequence);
              model.waiting.delete(sequence);
            }
            expectSame(inFlight, model);
          });
        }),
      );
    },
  );

  test('grows while the oldest frame waits, and keeps every entry', () => {
    const inFlight = new InFlight();
    for (let frame = 0; frame < 5000; frame++) inFlight.push(frame, frame + 1, frame % 100);
    for (let frame = 4999; frame > 0; frame--) {
      expect(inFlight.intendedUs(frame)).toBe(frame);
      inFlight.complete(frame);
      expect(inFlight.oldest).toBe(0);
    }
    expect(inFlight.size).toBe(1);
    inFlight.complete(0);
    expect([inFlight.size, inFlight.oldest, inFlight.next]).toEqual([0, 5000, 5000]);
  });

  test('takes a frame with an empty payload for waiting', () => {
    const inFlight = new InFlight();
    inFlight.push(1, 2, 0);
    expect(inFlight.has(0)).toBe(true);
  });

  test('refuses to complete a frame twice', () => {
    const inFlight = new InFlight();
    inFlight.push(1, 2, 3);
    inFlight.complete(0);
    expect(() => inFlight.complete(0)).toThrow('Assertion failed');
  });
});

describe('InFlight.fromUint32', () => {
  test('restores any sequence number within 2^31 of the oldest from its low 32 bits', () => {
    const near = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), near, (oldest, distance) => {
        const sequence = oldest + distance;
        const low = Number(BigInt.asUintN(32, BigInt(sequence)));
        expect(new InFlight(oldest).fromUint32(low)).toBe(sequence);
      }),
    );
  });

  test.each([
    ['the last number of 32 bits', 2 ** 32 - 1, 0xffff_ffff, 2 ** 32 - 1],
    ['the first number that needs 33 bits', 2 ** 32 - 1, 0, 2 ** 32],
    ['a number from before the wrap, seen after it', 2 ** 32 + 2, 0xffff_ffff, 2 ** 32 - 1],
    ['a number before the first frame', 0, 0xffff_ffff, -1],
    ['a number of the third round', 2 ** 33 + 7, 9, 2 ** 33 + 9],
  ])('restores %s', (_, oldest, low, sequence) => {
    expect(new InFlight(oldest).fromUint32(low)).toBe(sequence);
  });
});
