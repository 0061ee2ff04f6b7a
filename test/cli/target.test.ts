import { afterEach, describe, expect, test } from 'vitest';

import type { TargetReport } from '../../src/target/target-counters.ts';
import { startTarget } from '../../src/target/target.ts';
import { connectPeer } from '../support/peer.ts';
import { runTidemark, startTidemark, type Running } from '../support/tidemark.ts';

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

  test.each([
    ['a bad value', ['--port', '70000'], '--port: must be a whole number from 0 to 65535'],
    ['an unknown flag', ['--prot', '7007'], "unknown option '--prot'"],
  ])('exits with 104 on %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runTidemark(['target', ...args]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
