import { expect, test } from 'vitest';

import { findProfile } from '../../src/profile/profile-file.ts';
import { allOf, runJson, start, type JsonRun } from '../e2e/json-run.ts';
import { ANY_MACHINE } from '../support/any-machine.ts';
import { BUILT_IN_PROFILES } from '../support/built-in-profiles.ts';
import { scaledProfile } from '../support/scaled-profile.ts';

test('every built-in profile fails against the target that its comments name, by the thresholds meant for it', async () => {
  const found = await allOf(
    BUILT_IN_PROFILES.map(([name, seconds]) => async () => {
      const { exitCode, summary } = await againstItsFault(name, seconds);
      const failing = summary.verdict.thresholds.filter(({ ok }) => !ok).map(({ expr }) => expr);
      return { name, exitCode, failing };
    }),
  );
  expect(found).toEqual(
    BUILT_IN_PROFILES.map(([name, , failing]) => ({
      name,
      exitCode: 99,
      failing: expect.arrayContaining(failing),
    })),
  );
}, 120_000);

async function againstItsFault(name: string, seconds: number): Promise<JsonRun> {
  const target = start(['target', '--port', '0', ...faultArguments(name)]);
  const address = (await target.firstLine).replace('listening on ', '');
  const run = await runJson([scaledProfile(name, seconds), '--target', address, ...ANY_MACHINE]);
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
