import { describe, expect, test } from 'vitest';

import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { fixedSize } from '../../src/framing/payload-size.ts';
import { PayloadSource } from '../../src/framing/payload.ts';
import { PlacedPayloads } from '../../src/session/placed-payloads.ts';

const format = parseFrameFormat('u32be');

function source(seed: number): PayloadSource {
  return new PayloadSource({ size: fixedSize(64), message: null, stamp: null, seed, format });
}

describe('PlacedPayloads', () => {
  const [outbox, other] = [Buffer.alloc(256), Buffer.alloc(256)];
  const [payloads, others] = [source(1), source(2)];

  test('knows a payload by its place, its source and its size', () => {
    const placed = new PlacedPayloads();
    expect(placed.holds(outbox, 0, payloads, 64)).toBe(false);
    placed.note(outbox, 0, payloads, 64);
    expect(placed.holds(outbox, 0, payloads, 64)).toBe(true);
    expect(placed.holds(outbox, 128, payloads, 64)).toBe(false);
    expect(placed.holds(outbox, 0, others, 64)).toBe(false);
    expect(placed.holds(outbox, 0, payloads, 63)).toBe(false);
    expect(placed.holds(other, 0, payloads, 64)).toBe(false);
  });

  test('forgets what was written over', () => {
    const placed = new PlacedPayloads();
    placed.note(outbox, 0, payloads, 64);
    placed.note(outbox, 128, payloads, 64);
    placed.note(outbox, 0, others, 64);
    expect(placed.holds(outbox, 0, payloads, 64)).toBe(false);
    expect(placed.holds(outbox, 0, others, 64)).toBe(true);
    placed.forget(128);
    expect(placed.holds(outbox, 128, payloads, 64)).toBe(false);
  });

  test('forgets all of an outbox that another took the place of', () => {
    const placed = new PlacedPayloads();
    placed.note(outbox, 0, payloads, 64);
    placed.note(other, 128, payloads, 64);
    expect(placed.holds(other, 0, payloads, 64)).toBe(false);
    expect(placed.holds(outbox, 0, payloads, 64)).toBe(false);
  });
});
