import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parsePushStamp } from '../../src/framing/push-stamp.ts';
import { PushCheck } from '../../src/session/push-check.ts';
import { cutAt } from '../support/framed-streams.ts';

const NOW_US = 5_000_000_000;

/** Shows the check a payload in pieces, each in a buffer of its own and at another place of it. */
function show(check: PushCheck, payload: Buffer, cuts: readonly number[]): void {
  let offset = 0;
  cutAt(payload, cuts).forEach((piece, index) => {
    const bytes = Buffer.concat([Buffer.alloc(index, 0xff), piece, Buffer.from('rest')]);
    check.piece(bytes, index, index + piece.length, offset);
    offset += piece.length;
  });
}

test('finds the stamp wherever the payload is cut, frame after frame', () => {
  const property = fc.property(
    fc.constantFrom('u32be', 'u32le', 'u64be', 'u64le' as const),
    fc.nat(9),
    fc.nat(5),
    fc.array(fc.record({ ageUs: fc.integer({ min: -1e6, max: 1e9 }), cuts: fc.array(fc.nat(99)) })),
    (width, offset, after, frames) => {
      const stamp = parsePushStamp(`${width}@${offset}/us/monotonic`);
      const check = new PushCheck({ stamp, clockOffsetUs: 250 });
      for (const { ageUs, cuts } of frames) {
        const payload = Buffer.alloc(offset + stamp.bytes + after, 0xee);
        const view = new DataView(payload.buffer, payload.byteOffset);
        const takenUs = NOW_US + 250 - ageUs;
        if (stamp.bytes === 8) view.setBigUint64(offset, BigInt(takenUs), stamp.littleEndian);
        else view.setUint32(offset, takenUs % 2 ** 32, stamp.littleEndian);
        show(check, payload, cuts);
        expect(check.found).toBe(true);
        expect(check.ageUs(NOW_US)).toBe(ageUs);
      }
    },
  );
  fc.assert(property);
});

test('finds none in a frame that ends before or within it, whatever the frame before held', () => {
  const check = new PushCheck({ stamp: parsePushStamp('u64be@2/us/monotonic'), clockOffsetUs: 0 });
  for (const cuts of [[], [1], [3], [2, 5]]) {
    show(check, Buffer.alloc(10), cuts);
    expect(check.found).toBe(true);
    for (const length of [0, 1, 2, 9]) {
      show(check, Buffer.alloc(length), cuts);
      expect(check.found).toBe(false);
    }
  }
});
