import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';

import { controlPath } from '../../src/store/control-path.ts';
import { readIntervalLines } from '../../src/store/interval-line.ts';
import type { RunEvent } from '../../src/store/run-event.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';
import { expectRefusal, honestTarget, readDocument, saysOnStderr, start } from '../e2e/json-run.ts';

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

const MIXED = `
duration: 60s
cohorts:
  idle: { connections: { count: 6 }, load: { rate: 1/s }, heartbeat: { every: 100ms } }
  bulk: { connections: { count: 3 }, load: { totalRate: 30/s } }
  think: { connections: { count: 1 }, load: { think: 20ms } }
  push: { connections: { count: 2 }, load: { send: off } }
`;

describe.each(['epoll', 'node'])('tidemark ctl with cohorts and the %s engine', (engine) => {
  test('changes the cohort that is named alone, and pauses, resumes and stops all', async () => {
    const { address } = await honestTarget();
    const out = scratchDirectory();
    const file = join(scratchDirectory(), 'mixed.yaml');
    writeFileSync(file, MIXED);
    const plan = [file, '--engine', engine, '-w', '2', '--json', '--target', address, '--out', out];
    const running = start(['run', ...plan]);
    await saysOnStderr(running, '12 open');
    for (const command of [
      'rate bulk:1k/s',
      'connections idle:2',
      'connections push:0',
      'connections push:1',
    ]) {
      expect((await ctl(out, ...command.split(' '))).stderr).toBe('');
    }
    expect((await ctl(out, 'pause')).stderr).toBe('');
    expect((await ctl(out, 'rate', 'bulk:400/s')).stdout).toContain('400/s over all connections once');
    expect((await ctl(out, 'resume')).stdout).toMatch(
      /: idle: 6\/s over all connections; bulk: 400\/s over all connections; think: frames follow replies again; push: it only listens, as before\n$/,
    );
    const refusals = [
      ['rate 5/s', 'it must be said of which cohort, one of idle, bulk, think, push: write rate idle:10k/s'],
      ['rate bulc:5/s', 'it has no cohort bulc; did you mean bulk?'],
      ['rate think:5/s', 'its frames follow replies (closed model)'],
      ['rate push:5/s', 'it has no rate: it only listens (load.send is off)'],
      ['connections idle:7', 'it has room for 6 connections at most'],
    ] as const;
    for (const [command, why] of refusals) {
      expect(expectRefusal(await ctl(out, ...command.split(' ')))).toContain(why);
    }
    await vi.waitFor(() => expect(stored(out, 'bulk')).toBeGreaterThan(400), {
      timeout: 10_000,
      interval: 100,
    });
    expect((await ctl(out, 'stop')).stderr).toBe('');
    const ended = await running.ended;
    expect(ended.exitCode).toBe(0);
    const { run, cohorts, frames } = readDocument(ended);
    expect(run.endedEarly).toBe('stopped by tidemark ctl');
    expect(frames.matched).toBe(frames.sent);
    const opened = Object.entries(cohorts).map(([name, { connections }]) => [name, connections.opened]);
    expect(opened).toEqual([
      ['idle', 6],
      ['bulk', 3],
      ['think', 1],
      ['push', 3],
    ]);
    for (const { connections, sessions } of Object.values(cohorts)) {
      expect(sessions['closed-by-plan']).toBe(connections.opened);
    }
    // What the rate of six connections had been is no longer owed to four of them.
    expect(cohorts['idle']?.frames.sent).toBeLessThan(6 * run.seconds);
    expect(cohorts['push']?.frames.sent).toBe(0);
  });
});

/** Frames that the run's directory says the cohort has sent so far. */
function stored(out: string, cohort: string): number {
  const lines = readIntervalLines(join(onlyRun(out), 'intervals.jsonl'));
  let frames = 0;
  for (const { cohorts } of lines) frames += cohorts?.[cohort]?.counters.framesSent ?? 0;
  return frames;
}

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
