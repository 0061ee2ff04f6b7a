import { createServer } from 'node:net';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/analysis/compare/comparison.ts';
import { builtInTarget, compare, freePort } from '../support/compare.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark, startTidemark } from '../support/tidemark.ts';

const SHORT = ['-c', '4', '-T', '300ms', '--cooldown', '0s', '--gate', 'response.p50'];

/** A server of Node's own that echoes, as a command for a shell. */
function echoServer(port: number): string {
  return `exec node -e "require('net').createServer(s=>s.pipe(s).on('error',()=>{})).listen(${port},'127.0.0.1')"`;
}

describe('tidemark compare', () => {
  test('starts the servers of commands anew for each run, and ends them', async () => {
    const [port, out] = [await freePort(), scratchDirectory()];
    const server = echoServer(port);
    const where = ['--target', `127.0.0.1:${port}`];
    const ended = await compare(
      out,
      '--a',
      server,
      '--b',
      `${server} # v2`,
      ...where,
      ...SHORT,
      '--pairs',
      '6',
      '--json',
    );
    expect([0, 121, 122]).toContain(ended.exitCode);
    expect((JSON.parse(ended.stdout) as Comparison).design).toMatchObject({ used: 6, planned: 6 });
    // The port is free: it can be bound.
    const probe = createServer().listen(port, '127.0.0.1');
    await once(probe, 'listening');
    probe.close();
  });

  test('tells what a server said that does not come up, and keeps what was measured', async () => {
    const [port, out] = [await freePort(), scratchDirectory()];
    const where = ['--target', `127.0.0.1:${port}`];
    const failing = 'echo no licence found >&2; exit 3';
    const ended = await compare(
      out,
      '--a',
      echoServer(port),
      '--b',
      failing,
      ...where,
      ...SHORT,
      '--seed',
      '1',
    );
    expect(ended.exitCode).toBe(123);
    expect(ended.stderr).toContain(`Cannot load the server \`${failing}\``);
    expect(ended.stderr).toContain('exited with code 3. It said:\nno licence found');
    expect(ended.stderr).toMatch(/0 of 8 pairs were measured and are kept in /);
    expect(ended.stderr).not.toMatch(/^ {4}at /m);
  });

  test('tells when something listens where a command shall, and when a command never does', async () => {
    const [address, out] = [await builtInTarget(), scratchDirectory()];
    const taken = await compare(out, '--a', 'sleep 9', '--b', 'sleep 9', '--target', address, ...SHORT);
    expect(taken.exitCode).toBe(123);
    expect(taken.stderr).toContain(`${address} must be free before it starts`);
    const where = ['--target', `127.0.0.1:${await freePort()}`, '--ready-timeout', '300ms'];
    const silent = await compare(out, '--a', 'sleep 9', '--b', 'sleep 9', ...where, ...SHORT);
    expect(silent.exitCode).toBe(123);
    expect(silent.stderr).toMatch(
      /it must listen on \S+ within 0\.3 s \(--ready-timeout\), and nothing does\. It said nothing/,
    );
  });

  test('ends in order when interrupted, with what is known', async () => {
    const [a, out] = [await builtInTarget(), scratchDirectory()];
    const running = startTidemark(['compare', '--out', out, '--a', a, '--b', a, ...SHORT, '--json']);
    await new Promise<void>((resolve) => {
      running.child.stderr.on('data', (text: string) => {
        if (text.includes('pair 2 of 8')) resolve();
      });
    });
    running.child.kill('SIGINT');
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(105);
    const { verdict, design } = JSON.parse(stdout) as Comparison;
    expect(verdict).toMatchObject({ word: 'inconclusive', interrupted: true });
    expect(design.used).toBeLessThan(8);
  });

  test('refuses runs that are not alike, unless forced, and then says so', async () => {
    const [a, out] = [await builtInTarget(), scratchDirectory()];
    for (const connections of ['2', '3']) {
      await runTidemark([
        'run',
        '--target',
        a,
        '-c',
        connections,
        '-T',
        '200ms',
        '--out',
        out,
        '--label',
        `c${connections}`,
      ]);
    }
    const [one = '', other = ''] = readdirSync(out);
    const sides = ['--baseline', one, '--candidate', other];
    const refused = await compare(out, ...sides);
    expect(refused.exitCode).toBe(104);
    expect(refused.stderr).toContain('profile (connections.count): 2 and 3');
    const forced = await compare(out, ...sides, '--force');
    expect(forced.stdout).toContain('FORCED although not alike: profile (connections.count): 2 and 3');
    expect(forced.exitCode).toBe(122);
    writeFileSync(join(out, one, 'summary.json'), '{');
    const damaged = await compare(out, ...sides);
    expect(damaged).toMatchObject({ exitCode: 104 });
    expect(damaged.stderr).toContain('must be JSON');
  });
});
