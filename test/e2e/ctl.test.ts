import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { controlPath } from '../../src/store/control-path.ts';
import type { RunEvent } from '../../src/store/run-event.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { expectRefusal, honestTarget, readDocument, saysOnStderr, start } from './json-run.ts';

async function ctl(out: string, ...words: string[]) {
  return runTidemark(['ctl', 'latest', ...words, '--out', out]);
}

function onlyRun(out: string): string {
  const [id] = readdirSync(out);
  if (id === undefined) throw new Error(`No run in ${out}`);
  return join(out, id);
}

/** A run that is on, of 60 s, which only a command ends. */
async function runningRun(...args: string[]) {
  const { address } = await honestTarget();
  const out = scratchDirectory();
  const plan = ['-c', '6', '-T', '60s', '--warmup', '100ms', '--json', '--target', address, '--out', out];
  const running = start(['run', ...plan, ...args]);
  await saysOnStderr(running, '6 open');
  return { running, out };
}

describe.each(['epoll', 'node'])('tidemark ctl with the %s engine', (engine) => {
  test('changes an open run, and its events are kept and shown', async () => {
    const { running, out } = await runningRun('--engine', engine, '-w', '2', '-R', '200/s');
    expect((await ctl(out, 'rate', '1k/s')).stdout).toMatch(
      /^rate 1k\/s at \d+\.\d{3}s of the run: 1k\/s over all connections\n$/,
    );
    expect((await ctl(out, 'connections', '2')).exitCode).toBe(0);
    expect((await ctl(out, 'pause')).exitCode).toBe(0);
    const again = await ctl(out, 'pause');
    expect(again).toMatchObject({ exitCode: 104, stdout: '' });
    expect(again.stderr).toBe("The run refuses 'pause': the run is paused already\n");
    const stopped = await runTidemark(['ctl', 'latest', 'stop', '--json', '--out', out]);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ command: 'stop', ok: true });

    const ended = await running.ended;
    expect(ended.exitCode).toBe(0);
    const { run, events, sessions, frames } = readDocument(ended);
    expect(run).toMatchObject({ endedEarly: 'stopped by tidemark ctl', interrupted: false });
    expect(run.seconds).toBeLessThan(60);
    expect(events.map(({ command, ok }) => [command, ok])).toEqual([
      ['rate 1k/s', true],
      ['connections 2', true],
      ['pause', true],
      ['pause', false],
      ['stop', true],
    ]);
    expect(sessions['closed-by-plan']).toBe(6);
    expect(frames.matched).toBe(frames.sent);
    const lines = readFileSync(join(onlyRun(out), 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as RunEvent)).toEqual(events);
    expect(existsSync(join(onlyRun(out), 'control.sock'))).toBe(false);
    const page = await runTidemark(['report', 'latest', '--out', out]);
    expect(page.stdout).toContain('ended early: stopped by tidemark ctl');
    expect(page.stdout).toContain('refused: the run is paused already');
  });
});

describe('tidemark ctl', () => {
  test('says why it cannot: no run, a slip, a run that is over or was killed', async () => {
    const out = scratchDirectory();
    expect(expectRefusal(await ctl(out, 'pause'))).toContain("Cannot find run 'latest'");
    expect(expectRefusal(await ctl(out, 'rate', '10'))).toContain('Cannot set the rate: "10" has no unit');
    expect(expectRefusal(await ctl(out, 'dance'))).toContain('a command is one of pause, resume, rate R');

    const { running, out: place } = await runningRun();
    running.child.kill('SIGKILL');
    await running.ended;
    const killed = await ctl(place, 'pause');
    expect(expectRefusal(killed)).toContain('its control socket does not answer (ECONNREFUSED from connect)');

    const { address } = await honestTarget();
    await runTidemark(['run', '-T', '100ms', '--target', address, '--out', out]);
    expect(expectRefusal(await ctl(out, 'pause'))).toContain(': it is over');
  });

  test('is not held up by a client that hangs, nor is the end of the run', async () => {
    const { running, out } = await runningRun();
    const path = controlPath(onlyRun(out));
    const hanging = connect(path.path).on('error', () => undefined);
    hanging.write('\u0000garbage\n{"rate": 1');
    expect((await ctl(out, 'pause')).exitCode).toBe(0);
    expect((await ctl(out, 'stop')).exitCode).toBe(0);
    const { events } = readDocument(await running.ended);
    expect(events.map(({ command }) => command)).toEqual(['pause', 'stop']);
    hanging.destroy();
    path.release();
  });
});
