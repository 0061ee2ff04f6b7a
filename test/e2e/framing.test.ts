import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { parseBytes } from '../../src/base/byte-text.ts';
import { parseFrameFormat } from '../../src/framing/frame-format.ts';
import { formatAddress } from '../../src/coordinator/resolve-target.ts';
import type { TargetOptions } from '../../src/target/target.ts';
import { frameOf, onFrames, serve } from '../support/loopback-server.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { allOf, expectClean, honestTarget, runJson, type JsonRun } from './json-run.ts';

const COMMON = ['-c', '2', '-T', '200ms', '--warmup', '20ms'];

/** A short run against an echo target of the same framing. */
async function runFramed(
  form: string,
  args: readonly string[] = [],
  target: TargetOptions = {},
): Promise<JsonRun> {
  const { address } = await honestTarget({ format: parseFrameFormat(form), ...target });
  return runJson(['--target', address, '--frame', form, ...COMMON, ...args]);
}

describe('tidemark run verifies the echo of frames told apart by', () => {
  test.each([
    ['a length of one byte or a varint', ['u8', 'varint', 'varint+header', 'varint@3/8']],
    ['a length of two or four bytes in either order', ['u16be', 'u16le', 'u32be', 'u32le']],
    [
      'a length of eight bytes, or within a longer header',
      ['u64be', 'u64le', 'u32le@4', 'u16be@2/12+header', 'u16be+header'],
    ],
    ['a delimiter or a fixed size', ['delim:\\n', 'delim:\\r\\n.\\r\\n', 'fixed:128']],
  ])('%s', async (_, forms) => {
    const runs = await allOf(forms.map((form) => () => runFramed(form, ['--verify', 'echo'])));
    for (const [index, run] of runs.entries()) {
      expect(run.summary.run.profile.frame.format).toBe(forms[index]);
      expectClean(run, 2);
      expect(run.summary.run.profile.match).toEqual({ mode: 'fifo', verify: 'echo' });
      expect(run.summary.run.profile.payload.stamp).toBe('on');
    }
  });

  test('the rest of a longer header too', async () => {
    const seen = new Set<string>();
    const target = await serve((socket) => {
      socket.on('data', (chunk: Buffer) => {
        seen.add(`${chunk.subarray(0, 2).toString('hex')}..${chunk.subarray(4, 6).toString('hex')}`);
        socket.write(chunk);
      });
    });
    const header = ['--frame', 'u16be@2/6', '--frame-header', 'hex:cafe0102'];
    expectClean(await runJson(['--target', formatAddress(target), ...COMMON, ...header]), 2);
    expect([...seen]).toEqual(['cafe..0102']);
  });

  test('nothing: a byte stream is one-way traffic', async () => {
    const { summary, exitCode } = await runFramed('none', ['--think', '1ms'], { mode: 'sink' });
    expect(exitCode).toBe(0);
    expect(summary.frames.oneWay).toBeGreaterThan(0);
    expect(summary.frames).toMatchObject({ sent: summary.frames.oneWay, matched: 0, lost: 0, received: 0 });
    expect(summary.sessions['closed-by-plan']).toBe(2);
  });
});

describe('tidemark run sends payloads', () => {
  test('of sizes that vary, each verified with its own', async () => {
    const sizes = ['uniform:16B..4KiB', 'exponential:200B', 'lognormal:100B,sigma=0.5,max=1KiB'];
    const flags = (size: string): string[] => ['--payload', size, '--window', '4'];
    const runs = await allOf(sizes.map((size) => () => runFramed('u32be', flags(size))));
    for (const [index, run] of runs.entries()) {
      expect(run.summary.run.profile.payload.size).toBe(sizes[index]);
      expectClean(run, 2);
      const { bytes, frames } = run.summary;
      expect(bytes.sent).toBe(bytes.received);
      // Sizes that vary have no mean of the default 64 B with their header.
      expect(bytes.sent / frames.sent).not.toBe(68);
    }
  });

  test('given as text, in hexadecimal or by a file, the same in every frame', async () => {
    const file = join(scratchDirectory(), 'message.bin');
    const anyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    writeFileSync(file, anyByte);
    const messages: [flags: string[], payload: Buffer][] = [
      [['--message', 'ping\\n'], Buffer.from('ping\n')],
      [['-m', 'hex:00ff10'], Buffer.from([0, 255, 16])],
      [['--message-file', file], anyByte],
    ];
    const runs = messages.map(([flags]) => async () => {
      const seen = new Set<string>();
      const target = await serve((socket) => {
        onFrames(socket, (received) => {
          seen.add(received.toString('latin1'));
          socket.write(frameOf(received));
        });
      });
      const args = ['--target', formatAddress(target), ...COMMON, ...flags, '--verify', 'echo'];
      expectClean(await runJson(args), 2);
      return [...seen];
    });
    expect(await allOf(runs)).toEqual(messages.map(([, payload]) => [payload.toString('latin1')]));
  });
});

describe('tidemark run matches', () => {
  test('by id, in whatever order replies come', async () => {
    const target = await serve((socket) => {
      const held: Buffer[] = [];
      onFrames(socket, (payload) => {
        held.push(frameOf(payload));
        if (held.length === 4) socket.write(Buffer.concat(held.splice(0).toReversed()));
      });
    });
    const flags = ['--match', 'id', '--window', '4', '--drain-timeout', '200ms'];
    const run = await runJson(['--target', formatAddress(target), ...COMMON, ...flags]);
    const { frames } = run.summary;
    expect(run.exitCode).toBe(0);
    // Of four replies in reverse order, three were overtaken.
    expect(frames.matched).toBeGreaterThan(0);
    expect(frames.reordered).toBe((frames.matched / 4) * 3);
    expect([frames.corrupt, frames.duplicate, frames.unsolicited, frames.lost]).toEqual([0, 0, 0, 0]);
  });

  test('nothing in one-way traffic, and still knows what comes back', async () => {
    const { summary } = await runFramed('u32be', ['--match', 'none', '--think', '1ms']);
    expect(summary.frames.oneWay).toBe(summary.frames.sent);
    expect(summary.frames.receivedOneWay).toBe(summary.frames.received);
    expect(summary.frames.received).toBeGreaterThan(0);
    expect(summary.histograms.response.count).toBe(0);
    expect(summary.throughput.framesPerSecond).toBeGreaterThan(0);
  });

  test('a damaged echo with no frame: corrupt, and said', async () => {
    const target = await serve((socket) => {
      onFrames(socket, (payload) => {
        payload.writeUInt8(payload.readUInt8(40) ^ 0x80, 40);
        socket.write(frameOf(payload));
      });
    });
    const run = await runJson(['--target', formatAddress(target), ...COMMON]);
    expect(run.summary.frames.corrupt).toBe(run.summary.frames.sent);
    expect(run.summary.notes.join()).toContain('every reply differs from its request');
  });
});

describe('tidemark run exchanges prefaces', () => {
  const greetings = ['--preface', 'HELLO 1\\n', '--expect-preface', 'hex:52454144590a'];

  test('in both directions, before any frame', async () => {
    const prefaces = { expectPreface: parseBytes('HELLO 1\\n'), sendPreface: parseBytes('READY\\n') };
    const run = await runFramed('delim:\\n', greetings, prefaces);
    expectClean(run, 2);
    expect(run.summary.histograms.preface.count).toBe(2);
  });

  test('with the built-in target, which is told both', async () => {
    const run = await runJson([...COMMON, ...greetings]);
    expectClean(run, 2);
    expect(run.summary.histograms.preface.count).toBe(2);
  });

  test('and tells one that is wrong from one that is missing', async () => {
    const patience = ['--preface-timeout', '100ms', '-T', '10s'];
    const [wrong, missing] = await Promise.all([
      runFramed('u32be', greetings, { sendPreface: parseBytes('BUSY\\n') }),
      runFramed('u32be', [...greetings, ...patience], { expectPreface: parseBytes('HELLO 1\\n') }),
    ]);
    expect(wrong.summary.sessions['bad-preface']).toBe(2);
    expect(missing.summary.sessions['preface-timeout']).toBe(2);
    expect(missing.summary.run.endedEarly).toBe('every session had ended');
  });
});
