import { describe, expect, test } from 'vitest';

import { builtInNames, describeBuiltIns } from '../../src/profile/profile-file.ts';
import { BUILT_IN_PROFILES } from '../support/built-in-profiles.ts';
import { scaledProfile } from '../support/scaled-profile.ts';
import { runTidemark } from '../support/tidemark.ts';
import { runJson, type JsonRun } from '../e2e/json-run.ts';

/**
 * A run whose generator was disturbed shows nothing of its target, and other tests use this machine too: such a run is
 * made again.
 */
const ATTEMPTS_MAX = 4;

test('every built-in profile is tried', () => {
  expect(BUILT_IN_PROFILES.map(([name]) => name)).toEqual(builtInNames());
});

test('every built-in profile says in a sentence what it is for, and tidemark run --help lists them', async () => {
  const { stdout } = await runTidemark(['run', '--help']);
  for (const [name, purpose] of describeBuiltIns()) {
    expect(purpose.length).toBeGreaterThan(20);
    const line = stdout.split('\n').find((text) => text.startsWith(`  ${name} `));
    expect(line).toContain(purpose);
  }
});

describe('tidemark run with a built-in profile, its time scaled down', () => {
  test.each(BUILT_IN_PROFILES)(
    '%s passes against the built-in target',
    async (name, seconds) => {
      const run = await undisturbed(name, seconds);
      expect(run.summary.verdict.reasons).toEqual([]);
      expect(run.exitCode).toBe(0);
      expect(run.summary.verdict.thresholds.length).toBeGreaterThan(0);
    },
    ATTEMPTS_MAX * 20_000,
  );
});

async function undisturbed(name: string, seconds: number): Promise<JsonRun> {
  const file = scaledProfile(name, seconds);
  let run = await runJson([file]);
  for (let attempt = 1; attempt < ATTEMPTS_MAX && !run.summary.verdict.valid; attempt++) {
    if (run.exitCode === 0) break;
    run = await runJson([file]);
  }
  return run;
}
