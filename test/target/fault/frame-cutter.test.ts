import fc from 'fast-check';
import { expect, test } from 'vitest';

import { FrameCutter } from '../../../src/target/fault/frame-cutter.ts';
import { anyStream, cutAt, encodeAll } from '../../support/framed-streams.ts';

test('FrameCutter returns every frame as it stood on the wire, wherever the stream is cut', () => {
  const property = fc.property(anyStream, ({ format, payloads, header, cuts }) => {
    const stream = encodeAll(format, payloads, header);
    const cutter = new FrameCutter(format, 1000);
    const frames: Buffer[] = [];
    const seen: Buffer[] = [];
    for (const chunk of cutAt(stream, cuts)) {
      const result = cutter.cut(Buffer.from(chunk), ({ bytes, payloadStart, payloadBytes }) => {
        frames.push(bytes);
        seen.push(bytes.subarray(payloadStart, payloadStart + payloadBytes));
      });
      expect(result).toBe('ok');
    }
    expect(Buffer.concat(frames).equals(stream)).toBe(true);
    expect(seen.map((payload) => payload.toString('hex'))).toEqual(
      payloads.map((payload) => Buffer.from(payload).toString('hex')),
    );
  });
  fc.assert(property);
});

test('FrameCutter hands on the frames before one that it must refuse', () => {
  const cutter = new FrameCutter({ kind: 'delimiter', delimiter: Buffer.from('\n') }, 3);
  const frames: string[] = [];
  const result = cutter.cut(Buffer.from('abc\nabcd\n'), ({ bytes }) => frames.push(bytes.toString()));
  expect(result).toBe('oversize');
  expect(frames).toEqual(['abc\n']);
});
