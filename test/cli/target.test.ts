import { afterEach, describe, expect, test } from 'vitest';

import type { TargetReport } from '../../src/target/target-counters.ts';
import { startTarget } from '../../src/target/target.ts';
import type { Running } from '../support/captured-process.ts';
import { connectPeer } from '../support/peer.ts';
import { runTidemark, startTidemark } from '../support/tidemark.ts';

const running: Running[] = [];

afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
});

function serve(...args: string[]): Running {
  const process = startTidemark(['target', '--port', '0', ...args]);
  running.push(process);
  return process;
}

async function echoOneFrame(address: string): Promise<void> {
  const peer = await connectPeer(address);
  peer.socket.end(Buffer.from('\0\0\0\x04ping', 'latin1'));
  await peer.closed;
  expect(peer.received.toString('latin1')).toBe('\0\0\0\x04ping');
}

function addressIn(line: string): string {
  expect(line).toMatch(/^listening on \S+$/);
  return line.slice('listening on '.length);
}

describe('tidemark target', () => {
  test('prints its address first, and on SIGTERM its counters as one line of JSON', async () => {
    const { child, firstLine, ended } = serve('--json');
    const address = addressIn(await firstLine);
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    await echoOneFrame(address);
    child.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    const report = JSON.parse(lines[1] ?? '') as TargetReport;
    expect(report).toMatchObject({
      version: 1,
      address,
      connections: { accepted: 1, reset: 0, peak: 1 },
      frames: { received: 1, sent: 1, oversize: 0, malformed: 0 },
      bytes: { received: 8, sent: 8 },
      prefaces: { sent: 0, matched: 0, mismatched: 0 },
    });
    expect(report.seconds).toBeGreaterThan(0);
  });

  test('prints its counters as text on SIGINT', async () => {
    const { child, firstLine, ended } = serve();
    await echoOneFrame(addressIn(await firstLine));
    child.kill('SIGINT');
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain('frames       received 1, sent 1, oversize 0, malformed 0\n');
  });

  test('ends with its parent: when stdin ends, even with connections open', async () => {
    const { child, firstLine, ended } = serve('--json', '--exit-with-parent');
    const peer = await connectPeer(addressIn(await firstLine));
    peer.socket.write('\0\0\0\0');
    await peer.receive(4);
    child.stdin.end();
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout.split('\n')[1] ?? '')).toMatchObject({
      connections: { accepted: 1, openAtEnd: 1 },
    });
    await peer.closed;
  });

  test('outlives the end of stdin when it was not asked to end with its parent', async () => {
    const { child, firstLine, ended } = serve();
    child.stdin.end();
    await echoOneFrame(addressIn(await firstLine));
    child.kill('SIGTERM');
    expect((await ended).exitCode).toBe(0);
  });

  test('warns when other machines can reach it', async () => {
    const { child, firstLine, ended } = serve('--host', '0.0.0.0');
    await firstLine;
    child.kill('SIGTERM');
    expect((await ended).stderr).toMatch(/^Warning: 0\.0\.0\.0:\d+ can be reached from other machines/);
  });

  test('explains a port in use in one paragraph and exits with 104', async () => {
    const owner = await startTarget();
    const port = owner.address.split(':')[1] ?? '';
    const { exitCode, stdout, stderr } = await runTidemark(['target', '--port', port]);
    await owner.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
    expect(stderr).toContain(`Cannot listen on 127.0.0.1 port ${port}: it is in use`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('prints what its faults really did, as JSON', async () => {
    const faults = ['--fault', 'duplicate', '--fault', 'close-at-accept@50%', '--seed', '5'];
    const { child, firstLine, ended } = serve('--json', ...faults);
    const address = addressIn(await firstLine);
    for (let connection = 0; connection < 4; connection++) {
      const peer = await connectPeer(address);
      peer.socket.end(Buffer.from('\0\0\0\x04ping', 'latin1'));
      await peer.closed;
    }
    child.kill('SIGTERM');
    const report = JSON.parse((await ended).stdout.split('\n')[1] ?? '') as TargetReport;
    expect(report.faults).toMatchObject([
      { fault: 'duplicate', connections: 4, counts: { framesDuplicated: 2 }, endings: [], intervals: [] },
      { fault: 'close-at-accept@50%', connections: 2, counts: { fins: 2 } },
    ]);
    expect(report.faults[1]?.endings).toHaveLength(2);
  });

  test('prints what its faults really did, as text', async () => {
    const { child, firstLine, ended } = serve('--fault', 'never-accept', '--backlog', '2');
    // It has no socket that Node knows of, and must live on all the same.
    const peer = await connectPeer(addressIn(await firstLine));
    const until = performance.now() + 300;
    while (performance.now() < until) await new Promise(setImmediate);
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect((await ended).stdout).toContain('  fault never-accept: connections 0, waiting at end 1\n');
    await peer.closed;
  });

  test.each([
    ['as text', '--list-faults', 'reset-after:BYTES[@SHARE]\n  does: RST when exactly BYTES were read'],
    [
      'as Markdown',
      '--list-faults=markdown',
      '| `reset-after:BYTES` | yes | RST when exactly BYTES were read',
    ],
  ])('lists its faults %s and ends', async (_, flag, text) => {
    const { exitCode, stdout, stderr } = await runTidemark(['target', flag]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(text);
  });

  test.each([
    ['a fault that makes no sense', ['--frame', 'none', '--fault', 'reorder'], 'has no frames'],
    ['a bad value', ['--port', '70000'], '--port: must be a whole number from 0 to 65535'],
    ['an unknown flag', ['--prot', '7007'], "unknown option '--prot'"],
  ])('exits with 104 on %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runTidemark(['target', ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
