import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UNALIGNED, WordView } from '../../src/framing/word-view.ts';

describe('WordView', () => {
  it('finds the word that begins at a byte, whatever array was asked for before', () => {
    const memory = new ArrayBuffer(64);
    const view = new WordView();
    const value = fc.integer({ min: 1, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.nat(4), fc.nat(10), value, (byteWords, word, written) => {
        const bytes = new Uint8Array(memory, byteWords * 4 + 1, 47);
        expect(view.indexOf(bytes, word * 4)).toBe(UNALIGNED);
        const index = view.indexOf(bytes, word * 4 + 3);
        new DataView(memory).setUint32(byteWords * 4 + word * 4 + 4, written, true);
        expect(view.words[index]).toBe(written);
      }),
    );
  });

  it('has no word where the memory ends within one', () => {
    const view = new WordView();
    const index = view.indexOf(new Uint8Array(new ArrayBuffer(7)), 4);
    expect(view.words[index]).toBeUndefined();
  });
});
