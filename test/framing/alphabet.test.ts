import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { alphabetWithout } from '../../src/framing/alphabet.ts';

describe('alphabetWithout', () => {
  it('gives as many different letters as asked for, none of them in the delimiter', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 16 }),
        fc.integer({ min: 1, max: 48 }),
        (mark, letters) => {
          const alphabet = [...alphabetWithout(mark, letters)];
          expect(new Set(alphabet).size).toBe(letters);
          expect(alphabet.filter((letter) => mark.includes(letter))).toEqual([]);
        },
      ),
    );
  });

  it('is hexadecimal as long as the delimiter permits', () => {
    expect(Buffer.from(alphabetWithout(Buffer.from('\n'), 16)).toString()).toBe('0123456789abcdef');
    expect(Buffer.from(alphabetWithout(Buffer.from('a0'), 16)).toString()).toBe('123456789bcdefgh');
  });

  it('keeps its letters where the delimiter is made of them', () => {
    const mark = Buffer.from('0123456789abcdef');
    expect(Buffer.from(alphabetWithout(mark, 16)).toString()).toBe('ghijklmnopqrstuv');
    expect(alphabetWithout(mark, 48)).toHaveLength(48);
  });
});
