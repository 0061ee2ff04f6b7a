import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { OperatingError } from '../../src/base/errors.ts';
import { formatAddress } from '../../src/coordinator/resolve-target.ts';
import { run, type RunOptions, type RunResult } from '../../src/coordinator/run.ts';
import type { WorkerSetup } from '../../src/coordinator/shard-pool.ts';
import { StopSwitch } from '../../src/coordinator/stop-switch.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readRun, readRunEvents } from '../../src/store/run-store.ts';
import { startTarget } from '../../src/target/target.ts';
import { frameOf, onFrames, serve } from '../support/loopback-server.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const SILENT: RunOptions['observer'] = { started: () => undefined, interval: () => undefined };

function profileOf(flags: Record<string, unknown>): Profile {
  return loadProfile({ name: 'test', text: null, file: null }, {}, flags, []);
}

async function honestTarget(): Promise<string> {
  const target = await startTarget();
  onTestFinished(() => target.close().then(() => undefined));
  return target.address;
}

function optionsOf(flags: Record<string, unknown>): RunOptions {
  return {
    profile: profileOf(flags),
    outDir: scratchDirectory(),
    tool: { name: 'tidemark', version: '0.0.0' },
    stopSwitch: new StopSwitch(),
    observer: SILENT,
  };
}

function runOf(flags: Record<string, unknown>, overrides: Partial<RunOptions> = {}): Promise<RunResult> {
  return run({ ...optionsOf(flags), ...overrides });
}

function listening(flags: Record<string, unknown>): RunOptions {
  const profile = loadProfile({ name: 'test', text: null, file: null }, {}, flags, ['load.send=off']);
  return { ...optionsOf({}), profile };
}

function worker(name: string): string {
  return new URL(`../fixtures/workers/${name}.cjs`, import.meta.url).href;
}

/** Three connections for longer than a test waits; the end of the warm-up makes the first interval a short one. */
function tenSeconds(target: string): Record<string, string> {
  return { target, connections: '3', duration: '10s', warmup: '100ms' };
}

/** Two workers, of which the second is a fixture that fails; five connections, of which it has two. */
async function runWithFailing(name: string, setup: WorkerSetup = {}): Promise<RunResult> {
  const target = await honestTarget();
  const flags = { target, workers: '2', connections: '5', duration: '300ms', drainTimeout: '200ms' };
  return runOf(flags, { workers: { entry: worker(name), overtimeMsMax: 1000, ...setup } });
}

describe('run: when a worker fails', () => {
  test.each<[name: string, setup: WorkerSetup, reason: RegExp]>([
    ['throws', {}, /^its worker died: a worker that throws$/],
    ['exits', {}, /^its worker died: .*exit/],
    ['runs-out-of-memory', { memoryMiB: 48 }, /^its worker died: ERR_WORKER_OUT_OF_MEMORY, /],
    ['never-ends', {}, /^it did not end in time$/],
    ['ends-without-result', {}, /^its worker ended without a result$/],
  ])('%s: its shard is lost, what it delivered is kept, the run invalid', async (name, setup, reason) => {
    const { summary, exitCode, directory } = await runWithFailing(name, setup);
    expect(exitCode).toBe(120);
    expect(summary.shards).toEqual([
      { index: 0, state: 'finished', reason: null },
      { index: 1, state: 'lost', reason: expect.stringMatching(reason) },
    ]);
    expect(summary.verdict.valid).toBe(false);
    expect(summary.verdict.reasons.join()).toContain('shard 1 of 2 was lost');
    // Three connections of the honest shard, three refused dials of the other.
    expect(summary.dials).toMatchObject({ attempted: 6, connected: 3, refused: 3 });
    expect(summary.sessions['closed-by-plan']).toBe(3);
    expect(summary.frames.matched).toBeGreaterThan(0);
    // Half of it is lost with the shard; a busy machine may have cost more.
    expect(summary.health.score).toBeLessThanOrEqual(0.5);
    expect(summary.health.signals[0]).toMatchObject({ name: 'shardsLost', value: 1, ok: false });
    expect(readRun(directory).summary).toEqual(JSON.parse(JSON.stringify(summary)));
  });

  test('dies before it is ready: the other shards start all the same', async () => {
    const { summary, exitCode } = await runWithFailing('dies-before-ready');
    expect(exitCode).toBe(120);
    expect(summary.shards).toMatchObject([
      { state: 'finished' },
      { state: 'lost', reason: 'its worker died: a worker that cannot start' },
    ]);
    expect(summary.dials).toMatchObject({ attempted: 3, connected: 3 });
  });

  test('never gets ready: it is given up, and nothing is said of the target', async () => {
    const workers = { entry: worker('never-ready'), readyMsMax: 300 };
    const flags = { target: await honestTarget(), duration: '10s' };
    const { summary, exitCode } = await runOf(flags, { workers });
    expect(exitCode).toBe(120);
    expect(summary.shards).toEqual([
      { index: 0, state: 'lost', reason: 'its worker was not ready within 0.3 s' },
    ]);
    expect(summary.verdict.reasons).toHaveLength(1);
    expect(summary.run.endedEarly).toBe('every shard was lost');
  });

  test('counts that do not add up are a bug, said as one, and fail the run with 1', async () => {
    const { summary, exitCode } = await runWithFailing('miscounts');
    expect(exitCode).toBe(1);
    expect(summary.verdict.valid).toBe(false);
    expect(summary.verdict.reasons).toEqual([
      expect.stringMatching(/^a bug of Tidemark, the counts do not add up: shard 1: Frames sent are 7, but /),
    ]);
  });
});

describe('run', () => {
  test('keeps results and ends with 105 when it is asked to drain', async () => {
    const stopSwitch = new StopSwitch();
    const observer = { ...SILENT, interval: () => stopSwitch.requested ?? stopSwitch.request() };
    const target = await honestTarget();
    const { summary, exitCode } = await runOf(tenSeconds(target), { stopSwitch, observer });
    expect(exitCode).toBe(105);
    expect(summary.run).toMatchObject({ endedEarly: 'interrupted by a signal', interrupted: true });
    expect(summary.run.seconds).toBeLessThan(10);
    expect(summary.sessions['closed-by-plan']).toBe(3);
    expect(summary.frames.matched).toBe(summary.frames.sent);
    expect(summary.verdict).toMatchObject({ ok: true, valid: true, reasons: [] });
  });

  test('says at once and stores where the machine slept, and holds nothing against the target that follows', async () => {
    const shifts = [{ sleptUs: 3.6e9, wallSetUs: -2e6 }];
    const clocks = { take: () => shifts.shift() ?? { sleptUs: 0, wallSetUs: 0 } };
    const noticed: string[] = [];
    const observer = { ...SILENT, noticed: (sentence: string) => noticed.push(sentence) };
    const flags = { target: await honestTarget(), duration: '500ms', warmup: '200ms' };
    const { summary, directory } = await runOf(flags, { clocks, observer });
    expect(summary.clockEvents).toMatchObject([
      { clock: 'slept', seconds: 3600 },
      { clock: 'set', seconds: -2 },
    ]);
    expect(noticed).toHaveLength(2);
    expect(summary.notes).toEqual(expect.arrayContaining(noticed));
    expect(readRunEvents(directory).clocks).toEqual(summary.clockEvents);
    expect(readRun(directory).summary.clockEvents).toEqual(summary.clockEvents);
    const measured = [...readRun(directory).intervals()].find(({ phase }) => phase === 'measure');
    expect(measured?.health).toMatchObject({
      level: 'invalid',
      invalid: expect.arrayContaining(['sleep']),
      signals: { sleep: 3.6e9 },
    });
    expect(summary.verdict.valid).toBe(true);
  });

  test('stops at once at the second request, with what was delivered', async () => {
    const stopSwitch = new StopSwitch();
    const observer = {
      ...SILENT,
      interval: () => {
        stopSwitch.request();
        stopSwitch.request();
      },
    };
    const target = await honestTarget();
    const { summary, exitCode } = await runOf(tenSeconds(target), { stopSwitch, observer });
    expect(exitCode).toBe(105);
    expect(summary.run.endedEarly).toBe('stopped at once by a second signal');
    expect(summary.frames.matched).toBeGreaterThan(0);
    expect(summary.shards).toEqual([
      { index: 0, state: 'lost', reason: 'it was stopped at once by a second signal' },
    ]);
  });

  test('asked to drain before its first dial, dials nothing and says so', async () => {
    const stopSwitch = new StopSwitch();
    stopSwitch.request();
    const { summary, exitCode } = await runOf(
      { target: await honestTarget(), connections: '3' },
      { stopSwitch },
    );
    expect(exitCode).toBe(105);
    expect(summary.dials.attempted).toBe(0);
    expect(summary.verdict.reasons).toEqual(['the run ended before any dial did']);
    expect(summary.notes.join()).toContain('3 planned connections were never dialled');
  });

  test('says when every session ended before the plan did, and fails with 99 where no frame was answered', async () => {
    const target = formatAddress(await serve((socket) => socket.end()));
    const { summary, exitCode } = await runOf({ target, connections: '4' });
    expect(exitCode).toBe(99);
    expect(summary.verdict).toMatchObject({
      ok: false,
      valid: true,
      reasons: ['not one frame was answered as planned'],
    });
    expect(summary.run).toMatchObject({ endedEarly: 'every session had ended', interrupted: false });
    expect(summary.sessions['peer-closed']).toBe(4);
    expect(summary.frames.lost).toBe(summary.frames.sent);
  });

  test('of connections that only listen needs a frame that was pushed, or a heartbeat that was answered', async () => {
    const flags = { target: await honestTarget(), duration: '200ms' };
    const silent = await run(listening(flags));
    expect(silent.exitCode).toBe(99);
    expect(silent.summary.verdict.reasons).toEqual(['nothing was pushed to any connection']);
    const asked = await run(listening({ ...flags, heartbeat: '50ms', match: 'id' }));
    expect(asked.summary.verdict.reasons).toEqual([]);
    expect(asked.exitCode).toBe(0);
  });

  test('fails with 123 where no session came as far as a frame', async () => {
    const target = formatAddress(await serve((socket) => socket.end()));
    const { summary, exitCode } = await runOf({ target, expectPreface: 'READY' });
    expect(exitCode).toBe(123);
    expect(summary.verdict.reasons).toEqual(['no session came as far as to send a frame']);
  });

  test('dials a target that is not there once, classes the dial, and ends with 123', async () => {
    const { summary, exitCode, directory } = await runOf({ target: '127.0.0.1:1', connections: '5000' });
    expect(exitCode).toBe(123);
    expect(summary.dials).toMatchObject({ attempted: 1, connected: 0, refused: 1 });
    expect(summary.errors).toMatchObject([{ phase: 'dial', errno: 'ECONNREFUSED', syscall: 'connect' }]);
    expect(summary.verdict).toMatchObject({ ok: false, valid: true });
    expect(summary.run.endedEarly).toContain('could not be reached by a trial dial (127.0.0.1:1: refused');
    expect(existsSync(join(directory, 'summary.json'))).toBe(true);
  });

  test('notes that the target may be no echo server when no reply is its request', async () => {
    const address = await serve((socket) => {
      onFrames(socket, () => socket.write(frameOf(Buffer.from('an answer of its own'))));
    });
    const flags = { target: formatAddress(address), connections: '1', duration: '200ms' };
    const { summary } = await runOf(flags);
    expect(summary.frames.corrupt).toBe(summary.frames.sent);
    expect(summary.notes.join()).toContain('every reply differs from its request');
    const unverified = await runOf({ ...flags, verify: 'off' });
    expect(unverified.summary.frames.matched).toBe(unverified.summary.frames.sent);
    expect(unverified.summary.notes.join()).not.toContain('every reply differs');
  });

  test.each<[what: string, flags: Record<string, unknown>, code: string, message: string]>([
    [
      'an engine that has no TLS',
      { engine: 'epoll', tls: true, target: '127.0.0.1:1' },
      'ERR_ENGINE_UNSUPPORTED',
      "Cannot use the engine 'epoll': it has no TLS",
    ],
    [
      'TLS against the built-in target',
      { tls: true },
      'ERR_PROFILE_INVALID',
      'Cannot use TLS (--tls) without a target',
    ],
    ['a public target', { target: '192.0.2.1:80' }, 'ERR_TARGET', 'Refused to load 192.0.2.1:80'],
    [
      'an unresolvable target',
      { target: 'nohost.invalid:80' },
      'ERR_TARGET',
      'Cannot resolve the target nohost.invalid:80',
    ],
    [
      'more connections than this machine can hold',
      { target: '127.0.0.1:1', connections: '10M' },
      'ERR_PREFLIGHT',
      'Cannot open 10000000 connections',
    ],
  ])('refuses %s before anything is stored', async (_, flags, code, message) => {
    const outDir = join(scratchDirectory(), 'runs');
    const failure = await runOf(flags, { outDir }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(OperatingError);
    expect(failure).toMatchObject({ code, exitCode: 104, message: expect.stringContaining(message) });
    expect(existsSync(outDir)).toBe(false);
  });
});

describe('run: what belongs to the measured time', () => {
  test('is decided by when a frame was due for times, and by when its reply came for the throughput', async () => {
    // Each reply comes 700 ms after its frame, and so after the load.
    const address = await serve((socket) => {
      onFrames(socket, (payload) => setTimeout(() => socket.write(frameOf(payload)), 700));
      socket.on('end', () => socket.end());
    });
    const { summary } = await runOf({
      target: formatAddress(address),
      totalRate: '500/s',
      warmup: '300ms',
      duration: '600ms',
      engine: 'node',
    });
    const { frames, throughput, histograms } = summary;
    expect(frames.matched).toBe(frames.sent);
    expect(frames.sent + frames.unsent).toBe(300);
    const measured = frames.matched - frames.matchedInWarmup;
    expect(measured).toBe(150);
    expect([histograms.response.count, histograms.service.count, histograms.sendLag.count]).toEqual([
      150, 150, 150,
    ]);
    expect(throughput.framesPerSecond).toBe(0);
    expect(throughput.seconds).toBeCloseTo(0.3, 6);
  });
});
