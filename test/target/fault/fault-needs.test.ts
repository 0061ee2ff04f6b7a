import { describe, expect, test } from 'vitest';

import { parseFrameFormat } from '../../../src/framing/frame-format.ts';
import { parseFault } from '../../../src/target/fault/fault-grammar.ts';
import { needsLibc, unmetNeeds, type FaultGround } from '../../../src/target/fault/fault-needs.ts';
import { faulty } from './stage.ts';

function ground(frame: string, others: Partial<FaultGround> = {}): FaultGround {
  return {
    format: parseFrameFormat(frame),
    maxPayloadBytes: 1_048_576,
    mode: 'echo',
    tls: false,
    unixSocket: false,
    libcObstacle: null,
    ...others,
  };
}

describe('unmetNeeds names', () => {
  test.each<[string, string, FaultGround, string]>([
    ['a byte stream', 'corrupt', ground('none'), 'a byte stream (--frame none) has no frames'],
    ['a fixed size without empty frames', 'zero-length', ground('fixed:8'), 'fixed:8 has no empty frames'],
    ['a framing without lengths', 'oversize-length', ground('delim:\\n'), 'delim:\\n announces no length'],
    [
      'a length that the maximum allows',
      'oversize-length',
      ground('u16be'),
      'u16be announces 65535B at most, which --frame-max 1MiB allows; lower it',
    ],
    [
      'one-way traffic',
      'delay:1ms',
      ground('u8', { mode: 'sink' }),
      'it changes replies, and --mode sink sends none',
    ],
    ['TLS', 'reset-after:1B', ground('u8', { tls: true }), 'which TLS hides'],
    ['a unix socket', 'reset-mid-frame', ground('u8', { unixSocket: true }), 'a unix socket knows no RST'],
    [
      'a time that may hold a delimiter',
      'push:1/s,stamp',
      ground('delim:\\n'),
      'its binary time may hold the delimiter of delim:\\n; push without stamp',
    ],
    [
      'a payload without room for a time',
      'push:1/s,stamp',
      ground('fixed:7'),
      'its time takes 8 bytes, and a payload has 7B at most',
    ],
    ['no libc', 'never-accept', ground('u8', { libcObstacle: 'it needs koffi' }), 'it needs koffi'],
  ])('%s', (_, form, where, why) => {
    expect(unmetNeeds([parseFault(form)], where)).toEqual([
      `Cannot lay the fault ${form} on this target: ${why.startsWith('which') ? `it counts bytes of the connection itself, ${why}` : why}`,
    ]);
  });

  test('nothing where every need is met', () => {
    const forms = ['corrupt', 'zero-length', 'oversize-length', 'reset-after:1B', 'never-accept'];
    expect(unmetNeeds(forms.map(parseFault), ground('u32be'))).toEqual([]);
    expect(unmetNeeds([parseFault('oversize-length')], ground('u16be', { maxPayloadBytes: 65_534 }))).toEqual(
      [],
    );
  });
});

test('needsLibc is true for faults that node:net has no words for', () => {
  expect(needsLibc(['delay:1ms', 'reset-mid-frame'].map(parseFault))).toBe(false);
  expect(needsLibc(['delay:1ms', 'stop-reading:1B'].map(parseFault))).toBe(true);
});

test('startTarget refuses with every unmet need', async () => {
  await expect(faulty(['push:1/s', 'reorder@1%'], { frame: 'none' })).rejects.toMatchObject({
    code: 'ERR_TARGET',
    exitCode: 104,
    message:
      'Cannot lay the fault push:1/s on this target: a byte stream (--frame none) has no frames\n' +
      'Cannot lay the fault reorder@1% on this target: a byte stream (--frame none) has no frames',
  });
});
