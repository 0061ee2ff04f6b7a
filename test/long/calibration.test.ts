import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

import type { Diagnosis } from '../../src/doctor/diagnosis.ts';
import type { Summary } from '../../src/store/summary.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { runTidemark } from '../support/tidemark.ts';

/** Measuring takes 10 s; a busy machine takes its time to start four processes. */
const timeout = 60_000;

test(
  'tidemark doctor --calibrate measures the generator, and runs are held against it',
  { timeout },
  async () => {
    const state = { XDG_STATE_HOME: scratchDirectory() };
    const shape = ['--set', 'connections.count=10', '--set', 'payload.size=100B'];
    const measured = await runTidemark(
      ['doctor', '--calibrate', '--for', 'smoke', ...shape, '--json'],
      state,
    );
    expect(measured.exitCode).toBe(0);
    expect(measured.stderr.split('\n').filter((line) => line.startsWith('calibrating '))).toHaveLength(3);
    const { calibration } = JSON.parse(measured.stdout) as Diagnosis;
    expect(calibration?.shape).toContain('10 to 99 connections, frame u32be, payload 100B');
    expect(calibration?.ceiling.framesPerSecond).toBeGreaterThan(1000);
    expect(calibration?.ceiling.framesPerSecondMax).toBeGreaterThanOrEqual(
      calibration?.ceiling.framesPerSecond ?? 0,
    );
    expect(calibration?.dialsPerSecond).toBeGreaterThan(100);
    expect(calibration?.noise.response.p50).toBeGreaterThan(0);
    const stored = JSON.parse(
      readFileSync(join(state.XDG_STATE_HOME, 'tidemark/calibration.json'), 'utf8'),
    ) as object;
    expect(stored).toEqual({ version: 1, calibrations: [calibration] });

    const out = ['--out', scratchDirectory(), '--quiet', '--json', '-T', '500ms'];
    const run = async (...args: string[]): Promise<Summary> =>
      JSON.parse((await runTidemark(['run', ...args, ...out], state)).stdout) as Summary;
    const held = await run('-c', '20', '--payload', '100B');
    expect(held.health.headroom?.ceilingFramesPerSecond).toBe(calibration?.ceiling.framesPerSecondMax);
    expect(held.health.headroom?.used).toBeGreaterThan(0);
    expect((await run('-c', '20', '--payload', '200B')).health.headroom).toBeNull();
  },
);

test('tidemark doctor --calibrate says that it cannot calibrate TLS, and stores nothing', async () => {
  const state = { XDG_STATE_HOME: scratchDirectory() };
  const ended = await runTidemark(
    ['doctor', '--calibrate', '--for', 'smoke', '--set', 'tls.enabled=on'],
    state,
  );
  expect(ended).toMatchObject({ exitCode: 104, stdout: '' });
  expect(ended.stderr).toContain(
    'the null target speaks plain TCP; take it without, by --set tls.enabled=off',
  );
  expect(existsSync(join(state.XDG_STATE_HOME, 'tidemark'))).toBe(false);
});

test('tidemark doctor --calibrate says that cohorts have no one shape', async () => {
  const path = join(scratchDirectory(), 'two.yaml');
  writeFileSync(path, 'cohorts:\n  a: { connections: { count: 2 } }\n  b: { connections: { count: 3 } }\n');
  const ended = await runTidemark(['doctor', '--calibrate', '--for', path], {
    XDG_STATE_HOME: scratchDirectory(),
  });
  expect(ended).toMatchObject({ exitCode: 104, stdout: '' });
  expect(ended.stderr).toContain('Cannot calibrate a profile with cohorts, whose frames differ');
});

test('tidemark run goes on without a calibration that is damaged, and says so', async () => {
  const state = { XDG_STATE_HOME: scratchDirectory() };
  const path = join(state.XDG_STATE_HOME, 'tidemark/calibration.json');
  mkdirSync(dirname(path));
  writeFileSync(path, '{');
  const args = ['run', '-T', '200ms', '--quiet', '--json', '--out', scratchDirectory()];
  const ended = await runTidemark(args, state);
  expect(ended.exitCode).toBe(0);
  expect(ended.stderr).toMatch(
    /^Cannot read \S+calibration.json: it must be JSON.*; without it no headroom is told/,
  );
});
