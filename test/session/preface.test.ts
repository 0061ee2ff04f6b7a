import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { PrefaceReader } from '../../src/session/preface.ts';
import { cutAt } from '../support/framed-streams.ts';

const expected = fc.uint8Array({ minLength: 1, maxLength: 40 });
const cuts = fc.array(fc.nat(80), { maxLength: 10 });

describe('PrefaceReader', () => {
  test('finds the preface whole wherever the stream is cut, and where frames begin behind it', () => {
    fc.assert(
      fc.property(expected, fc.uint8Array({ maxLength: 20 }), cuts, (preface, frames, where) => {
        const reader = new PrefaceReader(preface);
        let before = 0;
        for (const chunk of cutAt(Buffer.concat([preface, frames]), where)) {
          const result = reader.read(chunk, 0, chunk.length);
          if (result === 'whole') {
            expect(before + reader.end).toBe(preface.length);
            return;
          }
          expect(result).toBe('wanting');
          before += chunk.length;
        }
        expect.unreachable('the whole preface was read');
      }),
    );
  });

  test('tells a stream that differs in any one byte, at that byte', () => {
    fc.assert(
      fc.property(expected, fc.nat(), fc.integer({ min: 1, max: 255 }), cuts, (preface, at, flip, where) => {
        const wrong = Uint8Array.from(preface);
        const position = at % wrong.length;
        wrong[position] = (wrong[position] ?? 0) ^ flip;
        const reader = new PrefaceReader(preface);
        const results = cutAt(wrong, where).map((chunk) => reader.read(chunk, 0, chunk.length));
        expect(results).toContain('different');
        expect(results).not.toContain('whole');
      }),
    );
  });

  test('looks at no byte before or behind those it is given', () => {
    const reader = new PrefaceReader(Uint8Array.of(1, 2, 3));
    expect(reader.read(Uint8Array.of(1, 2, 99), 0, 2)).toBe('wanting');
    expect(reader.read(Uint8Array.of(99, 3, 99), 1, 2)).toBe('whole');
    expect(reader.end).toBe(2);
  });
});
