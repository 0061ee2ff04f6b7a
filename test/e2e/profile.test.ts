import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { allOf, expectClean, runJson } from './json-run.ts';

/** The effective profile that `tidemark run ...args` would run. */
async function effective(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runTidemark(['run', ...args, '--print-profile'], env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

/** The number of connections of the effective profile. */
async function count(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string | undefined> {
  return /^connections:\n {2}count: (\d+)$/m.exec(await effective(args, env))?.[1];
}

function saved(text: string, name: string = 'plan.yaml'): string {
  const path = join(scratchDirectory(), name);
  writeFileSync(path, text);
  return path;
}

describe('tidemark run --print-profile', () => {
  test('prints what, saved and printed again, is the same', async () => {
    const message = ['--frame', 'delim:\\r\\n', '--message', 'ping \\x00\\\\'];
    const rows = [
      ['smoke'],
      ['-c', '12', ...message, '-R', '1.5k/s', '--tls', '--tls-alpn', 'a,b'],
      ['--set', 'load.think=10ms', '--set', 'connections.ramp=2s', '--set', 'match.verify=off'],
    ];
    const roundTrips = rows.map((args) => async () => {
      const printed = await effective([...args, '--label', 'plan']);
      return [printed, await effective([saved(printed)])];
    });
    for (const [printed, again] of await allOf(roundTrips)) expect(again).toBe(printed);
  });

  test('runs nothing', async () => {
    const out = join(scratchDirectory(), 'runs');
    expect(await effective(['--target', '192.0.2.1:80', '--out', out])).toContain('target: 192.0.2.1:80');
  });
});

describe('tidemark run takes a key', () => {
  const file = 'duration: 200ms\nconnections:\n  count: 2\n';

  test('from the default, the file, the environment or a flag, the stronger before the weaker', async () => {
    const path = saved(file);
    const three = { TIDEMARK_CONNECTIONS: '3' };
    const counts = await allOf([
      () => count([]),
      () => count([path]),
      () => count([path], three),
      () => count([path, '-c', '4'], three),
      () => count([path, '--set', 'connections.count=5'], three),
      () => count([path], { TIDEMARK_CONNECTIONS: '' }),
    ]);
    expect(counts).toEqual(['1', '2', '3', '4', '5', '2']);
  });

  test('and runs with it: file, variable and flag together', async () => {
    const run = await runJson([saved(file, 'staging.yaml'), '-w', '2'], { TIDEMARK_CONNECTIONS: '3' });
    expectClean(run, 3);
    expect(run.summary.run).toMatchObject({ label: 'staging', workers: 2 });
    expect(run.summary.run.profile).toMatchObject({
      durationUs: 200_000,
      connections: { count: 3 },
      workers: 2,
    });
  });

  test('and stores where TIDEMARK_OUT says, unless --out does', async () => {
    const [fromEnvironment, fromFlag] = [scratchDirectory(), scratchDirectory()];
    const env = { TIDEMARK_OUT: fromEnvironment };
    const ended = await runTidemark(['run', '-T', '100ms', '--quiet'], env);
    expect(ended.stdout).toContain(`stored in ${fromEnvironment}`);
    const list = await runTidemark(['runs', '--json'], env);
    expect(JSON.parse(list.stdout)).toHaveLength(1);
    const other = await runTidemark(['runs', '--json', '--out', fromFlag], env);
    expect(JSON.parse(other.stdout)).toEqual([]);
  });
});
