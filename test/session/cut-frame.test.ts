import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cutFrame } from '../../src/session/cut-frame.ts';

/** Sizes of the frames of one send, and a place in it at which the kernel stopped. */
const anyCut = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }).chain((sizes) => {
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return fc.record({ sizes: fc.constant(sizes), accepted: fc.integer({ min: 0, max: bytes - 1 }) });
});

function endsOf(sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.map((size) => (end += size));
}

describe('cutFrame', () => {
  test('finds what a walk from byte to byte finds, wherever the send is cut', () => {
    fc.assert(
      fc.property(anyCut, ({ sizes, accepted }) => {
        // The frame of every byte: those that the kernel took in part are the cut frame, of which there is one at most.
        const owners = sizes.flatMap((size, frame) => Array.from({ length: size }, () => frame));
        const begun = new Set(owners.slice(0, accepted));
        const rest = owners.slice(accepted);
        const cut = rest[0] !== undefined && begun.has(rest[0]) ? rest[0] : null;
        const behind = rest.filter((frame) => frame !== cut);
        expect(cutFrame(endsOf(sizes), accepted, owners.length - accepted)).toEqual({
          bytesAccepted: owners.slice(0, accepted).filter((frame) => frame === cut).length,
          bytesUnsent: rest.length - behind.length,
          framesNotBegun: new Set(behind).size,
          bytesNotBegun: behind.length,
        });
      }),
    );
  });

  test('takes what stands behind the last frame of the load for no frame', () => {
    const none = { framesNotBegun: 0, bytesNotBegun: 0 };
    expect(cutFrame([100], 150, 50)).toEqual({ bytesAccepted: 50, bytesUnsent: 50, ...none });
  });

  test('leaves no byte of the send uncounted', () => {
    fc.assert(
      fc.property(anyCut, ({ sizes, accepted }) => {
        const bytes = sizes.reduce((sum, size) => sum + size, 0);
        const { bytesUnsent, bytesNotBegun } = cutFrame(endsOf(sizes), accepted, bytes - accepted);
        expect(accepted + bytesUnsent + bytesNotBegun).toBe(bytes);
      }),
    );
  });

  test.each([
    ['cut in the middle', 4, 6, { bytesAccepted: 4, bytesUnsent: 6, framesNotBegun: 0, bytesNotBegun: 0 }],
    [
      'of which nothing left',
      0,
      10,
      { bytesAccepted: 0, bytesUnsent: 0, framesNotBegun: 0, bytesNotBegun: 10 },
    ],
  ])(
    'counts no frame of the load for a send without one (a preface, a heartbeat) %s',
    (_, accepted, unsent, cut) => {
      expect(cutFrame([], accepted, unsent)).toEqual(cut);
    },
  );
});
