import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Comparison } from '../../src/analysis/compare/comparison.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark, startTidemark, type Ended } from '../support/tidemark.ts';
import { parseXml } from '../support/xml.ts';

const SHORT = ['-c', '4', '-T', '300ms', '--cooldown', '0s', '--gate', 'response.p50'];

/** A built-in target in a process of its own, gone when the test ends. */
async function target(...faults: string[]): Promise<string> {
  const running = startTidemark(['target', '--port', '0', ...faults.flatMap((fault) => ['--fault', fault])]);
  onTestFinished(async () => {
    running.child.kill('SIGTERM');
    await running.ended;
  });
  return (await running.firstLine).replace('listening on ', '');
}

/** A port of loopback that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function compare(out: string, ...args: string[]): Promise<Ended> {
  return runTidemark(['compare', '--out', out, ...args]);
}

/** A server of Node's own that echoes, as a command for a shell. */
function echoServer(port: number): string {
  return `exec node -e "require('net').createServer(s=>s.pipe(s).on('error',()=>{})).listen(${port},'127.0.0.1')"`;
}

describe('tidemark compare', () => {
  test('finds which of two targets delays replies by 200 us, keeps all, and prints it again', async () => {
    const [a, b, out] = [await target(), await target('delay:200us'), scratchDirectory()];
    const [markdown, junit] = [join(out, 'comment.md'), join(out, 'compare.xml')];
    const files = ['--markdown', markdown, '--junit', junit];
    const ended = await compare(
      out,
      '--a',
      a,
      '--b',
      b,
      '--label',
      'delay',
      ...SHORT,
      '--pairs',
      '6',
      ...files,
    );
    expect(ended.exitCode).toBe(121);
    expect(ended.stdout).toMatch(
      /^WORSE {2}delay: B against A · 6 pairs · 95% confidence over 1 gating metric/,
    );
    expect(ended.stdout).toMatch(/\* +response\.p50 .* worse$/m);
    expect(ended.stderr).toMatch(/^pair 6 of 6, [AB] \| response p50 /m);
    expect(readFileSync(markdown, 'utf8')).toMatch(/^### delay: worse$/m);
    const xml = parseXml(readFileSync(junit, 'utf8'));
    expect(JSON.stringify(xml)).toContain('response.p50 of B against A');
    expect(readdirSync(out).filter((name) => /delay-[ab]\d/.test(name))).toHaveLength(12);

    const again = await compare(out, 'latest', '--json');
    expect(again.exitCode).toBe(121);
    const comparison = JSON.parse(again.stdout) as Comparison;
    expect(comparison).toMatchObject({ name: 'delay', verdict: { word: 'worse' }, design: { used: 6 } });
    expect(comparison.metrics.find(({ name }) => name === 'response.p50')?.change?.low).toBeGreaterThan(0.5);
    const stored = readdirSync(out).find((name) => name.includes('-compare-')) ?? '';
    expect(JSON.parse(readFileSync(join(out, stored, 'result.json'), 'utf8'))).toEqual(comparison);

    const runs = readdirSync(out);
    const sideOf = (side: string): string[] => runs.filter((name) => name.includes(`-delay-${side}`));
    const fromRuns = await compare(
      out,
      '--baseline',
      ...sideOf('a'),
      '--candidate',
      ...sideOf('b'),
      '--json',
      '--gate',
      'response.p50',
    );
    expect(fromRuns.exitCode).toBe(121);
    expect((JSON.parse(fromRuns.stdout) as Comparison).metrics).toEqual(comparison.metrics);

    const groups = await compare(
      out,
      '--baseline',
      ...sideOf('a').slice(1),
      '--candidate',
      ...sideOf('b'),
      '--gate',
      'response.p50',
    );
    expect(groups.exitCode).toBe(0);
    expect(groups.stdout).toMatch(/^WORSE/);
    expect(groups.stdout).toContain('drift not controlled');
  });

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
    expect(ended.stderr).not.toContain('at ');
  });

  test('tells when something listens where a command shall, and when a command never does', async () => {
    const [address, out] = [await target(), scratchDirectory()];
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
    const [a, out] = [await target(), scratchDirectory()];
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

  test.each<[string, string[], string]>([
    ['one side alone', ['--a', '127.0.0.1:1'], '--b is missing'],
    ['too few pairs', ['--a', '127.0.0.1:1', '--b', '127.0.0.1:2', '--pairs', '6'], 'must be at least 7'],
    [
      '--target beside addresses',
      ['--a', '127.0.0.1:1', '--b', '127.0.0.1:2', '--target', '127.0.0.1:3'],
      'Cannot use --target',
    ],
    [
      'flags of a run beside stored runs',
      ['--baseline', 'x', '--candidate', 'y', '-T', '5s'],
      'Cannot use --duration',
    ],
    ['a comparison that is not there', ['nothing'], 'Cannot find the comparison'],
    ['a run that is not there', ['--baseline', 'x', '--candidate', 'y'], 'Cannot find run'],
  ])('refuses %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await compare(scratchDirectory(), ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  test('refuses runs that are not alike, unless forced, and then says so', async () => {
    const [a, out] = [await target(), scratchDirectory()];
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
