import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { HealthSignal } from '../../src/store/health-summary.ts';
import { readRun } from '../../src/store/run-store.ts';
import type { Summary } from '../../src/store/summary.ts';
import type { Running } from '../support/captured-process.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { startTidemark } from '../support/tidemark.ts';
import { WakeWitness } from '../support/wake-witness.ts';
import { honestTarget, readDocument } from '../e2e/json-run.ts';

/** A load that a thousandth of a machine carries. */
const LIGHT = ['-c', '10', '-R', '1k/s'];
/** Keeps a program on the processors that it is told. Source: taskset(1) of util-linux. */
const ONE_CORE = 'taskset';
const ENFORCED = { TIDEMARK_HEALTH_VERDICT: 'enforce' };

async function startRun(
  args: readonly string[],
  wrapper: readonly string[] = [],
): Promise<[Running, string]> {
  const { address } = await honestTarget();
  const out = scratchDirectory();
  const running = startTidemark(
    ['run', '--target', address, ...args, '--json', '--out', out],
    ENFORCED,
    wrapper,
  );
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return [running, out];
}

function signal({ health }: Summary, name: string): HealthSignal | undefined {
  return health.signals.find((candidate) => candidate.name === name);
}

/** Resolves when the run's first interval has ended. */
async function firstInterval({ child }: Running): Promise<void> {
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (text: string) => {
      if (text.includes(' | ')) resolve();
    });
  });
}

describe('a run whose generator', () => {
  test.each(['epoll', 'node'])('was stopped for two seconds is invalid and says why (%s)', async (engine) => {
    const [running, out] = await startRun([...LIGHT, '--engine', engine, '-T', '5s']);
    await firstInterval(running);
    running.child.kill('SIGSTOP');
    await sleep(2000);
    running.child.kill('SIGCONT');
    const ended = await running.ended;
    const summary = readDocument(ended);
    expect(ended.exitCode).toBe(120);
    expect(summary.verdict.valid).toBe(false);
    expect(summary.verdict.reasons.join()).toMatch(/the generator stood in the way in \d of 5 intervals: /);
    expect(summary.health.score).toBeLessThan(0.7);
    const stall = signal(summary, 'stall');
    expect(stall).toMatchObject({ level: 'invalid', ok: false });
    expect(stall?.value).toBeGreaterThan(1.9e6);
    expect(stall?.advice).toMatch(/stood still for \S+s: its process was stopped or its machine suspended/);
    const lines = [...readRun(`${out}/${summary.run.id}`).intervals()];
    const stalled = lines.filter(({ health }) => health?.invalid.includes('stall'));
    expect(stalled.length).toBeGreaterThanOrEqual(2);
    expect(lines.at(-1)?.phase === 'drain' ? lines.at(-1)?.health : undefined).toBeUndefined();
  });

  test('shares its core with a busy loop is invalid and says why', async (context) => {
    context.skip(spawnSync(ONE_CORE, ['-c', '0', 'nice', 'true']).status !== 0, 'needs taskset and nice');
    const hog = busyLoop();
    // A process that is nicer than its neighbour gets a tenth of what that one gets.
    const nicer = [ONE_CORE, '-c', '0', 'nice', '-n', '10'];
    const [running] = await startRun(['-c', '50', '-R', '5k/s', '-T', '4s'], nicer);
    const ended = await running.ended;
    hog.kill('SIGKILL');
    const summary = readDocument(ended);
    expect(ended.exitCode).toBe(120);
    expect(summary.verdict.valid).toBe(false);
    expect(signal(summary, 'lateSends')).toMatchObject({ level: 'invalid' });
    expect(summary.verdict.reasons.join()).toMatch(
      /late, which is in their response times: |had to wait for it \d+% of that time/,
    );
  });

  test('is left alone is valid', async (context) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [running] = await startRun([...LIGHT, '-T', '2s', '--quiet']);
      const witness = new WakeWitness();
      const ended = await running.ended;
      if (witness.stop() === 'disturbed') continue;
      expect(readDocument(ended).verdict).toMatchObject({ valid: true, reasons: [] });
      expect(ended.exitCode).toBe(0);
      return;
    }
    context.skip(true, 'this machine is too busy to leave anything alone');
  });
});

function busyLoop(): ChildProcess {
  const hog = spawn(ONE_CORE, ['-c', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
  onTestFinished(() => void hog.kill('SIGKILL'));
  return hog;
}

/** Each takes two seconds. */
const ATTEMPTS = 4;
