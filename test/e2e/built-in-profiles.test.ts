import { describe, expect, test } from 'vitest';

import { builtInNames, describeBuiltIns, findProfile } from '../../src/profile/profile-file.ts';
import { scaledProfile } from '../support/scaled-profile.ts';
import { runTidemark } from '../support/tidemark.ts';
import { allOf, runJson, start, type JsonRun } from './json-run.ts';

/**
 * Each built-in profile with how long it lasts here, and which of its thresholds fail against the target that its own
 * comments name ("See it fail"); others may fail beside them.
 */
const PROFILES: [name: string, seconds: number, failing: string[]][] = [
  ['backlog', 4, ['response.p99 < 500ms']],
  ['bulk', 3, ['throughput.sentBytes > 25MB/s', 'response.p99 < 500ms']],
  ['churn', 3, ['errors.rate < 0.1%']],
  ['dial-storm', 4, ['response.max < 3s']],
  ['idle-heartbeat', 4, ['sessions.heartbeat-missed == 0']],
  ['mixed', 4, ['idle:sessions.heartbeat-missed == 0', 'steady:response.p99 < 250ms']],
  ['push', 4, ['pushGap.p99 < 500ms']],
  ['ramp', 4, ['response.p99 < 200ms']],
  ['smoke', 2, ['errors.count == 0']],
  ['soak', 4, ['response.p99 < 250ms']],
  ['spike', 4, ['response.p99 < 250ms']],
  ['steady', 3, ['response.p99 < 100ms', 'throughput.frames > 1.98k/s']],
];

/**
 * A run whose generator was disturbed shows nothing of its target, and other tests use this machine too: such a run is
 * made again.
 */
const ATTEMPTS_MAX = 4;

test('every built-in profile is tried', () => {
  expect(PROFILES.map(([name]) => name)).toEqual(builtInNames());
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
  test.each(PROFILES)(
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

test('every built-in profile fails against the target that its comments name, by the thresholds meant for it', async () => {
  const found = await allOf(
    PROFILES.map(([name, seconds]) => async () => {
      const { exitCode, summary } = await againstItsFault(name, seconds);
      const failing = summary.verdict.thresholds.filter(({ ok }) => !ok).map(({ expr }) => expr);
      return { name, exitCode, failing };
    }),
  );
  expect(found).toEqual(
    PROFILES.map(([name, , failing]) => ({ name, exitCode: 99, failing: expect.arrayContaining(failing) })),
  );
}, 120_000);

async function undisturbed(name: string, seconds: number): Promise<JsonRun> {
  const file = scaledProfile(name, seconds);
  let run = await runJson([file]);
  for (let attempt = 1; attempt < ATTEMPTS_MAX && !run.summary.verdict.valid; attempt++) {
    if (run.exitCode === 0) break;
    run = await runJson([file]);
  }
  return run;
}

async function againstItsFault(name: string, seconds: number): Promise<JsonRun> {
  const target = start(['target', '--port', '0', ...faultArguments(name)]);
  const address = (await target.firstLine).replace('listening on ', '');
  const run = await runJson([scaledProfile(name, seconds), '--target', address]);
  target.child.kill('SIGTERM');
  await target.ended;
  return run;
}

/** The flags of the one `tidemark target` command in a profile's comments. */
function faultArguments(name: string): string[] {
  const commands = [...(findProfile(name).text ?? '').matchAll(/^# {3}tidemark target (.+)$/gm)];
  expect(commands).toHaveLength(1);
  return (commands[0]?.[1] ?? '').split(' ');
}
