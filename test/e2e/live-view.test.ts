import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';

import { scratchDirectory } from '../support/scratch-directory.ts';
import { honestTarget, readDocument, saysOnStderr, start } from './json-run.ts';

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
/** Gives a program a terminal of its own (util-linux); not everywhere. */
const PTY = 'script';
const HAS_PTY = spawnSync(PTY, ['--version']).status === 0;

/** Resolves with all that was said as soon as `words` are among it. */
async function says(chunks: AsyncIterable<unknown>, words: string): Promise<string> {
  let said = '';
  for await (const chunk of chunks) {
    said += stripVTControlCharacters(String(chunk));
    if (said.includes(words)) return said;
  }
  throw new Error(`It never said '${words}', but: ${said}`);
}

describe('tidemark run', () => {
  test('prints what it has come to so far on SIGUSR1, and goes on', async () => {
    const { address } = await honestTarget();
    const running = start(
      ['run', '--target', address, '-c', '3', '-R', '100/s', '-T', '60s', '--warmup', '100ms'].concat([
        '--json',
        '--out',
        scratchDirectory(),
      ]),
    );
    await saysOnStderr(running, '3 open');
    running.child.kill('SIGUSR1');
    await saysOnStderr(running, 'SO FAR');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.exitCode).toBe(105);
    expect(ended.stderr).toMatch(/SO FAR {2}run against .* 3 connections/);
    expect(ended.stderr).toMatch(/open at end +3/);
    expect(readDocument(ended).sessions['closed-by-plan']).toBe(3);
  });

  test('of two minutes and more keeps quiet for a minute where stderr is no terminal', async () => {
    const { address } = await honestTarget();
    const out = ['--json', '--out', scratchDirectory()];
    const running = start(['run', '--target', address, '-c', '2', '-T', '2m', '--warmup', '0s', ...out]);
    await saysOnStderr(running, 'stored in');
    // Until an interval has ended, SIGUSR1 has nothing to print but that.
    for (let told = false; !told; told = await soFarTold(running)) running.child.kill('SIGUSR1');
    running.child.kill('SIGINT');
    const { stderr } = await running.ended;
    expect(stderr).not.toContain('frames/s |');
  });

  test.skipIf(!HAS_PTY)('of two minutes and more renews a page on a terminal', async () => {
    const command = `stty cols 80 rows 30; exec ${process.execPath} ${BIN} run -c 2 -R 50/s -T 2m --warmup 0s`;
    const child = spawn(PTY, ['-qec', `${command} --out ${scratchDirectory()}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        TIDEMARK_HEALTH_VERDICT: 'report',
        XDG_STATE_HOME: '/nonexistent',
        SHELL: '/bin/sh',
      },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const closed = once(child, 'close');
    const said = await says(child.stdout, '2s of 2m00s');
    expect(said).toContain('last minute');
    expect(said).toContain('p99 course');
    child.stdin.end('\u0003');
    child.stdout.resume();
    await closed;
  });
});

async function soFarTold(running: ReturnType<typeof start>): Promise<boolean> {
  const word = await Promise.race([
    saysOnStderr(running, 'SO FAR').then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, 200, false)),
  ]);
  return word;
}
