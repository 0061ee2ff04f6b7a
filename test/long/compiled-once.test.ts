import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { capture } from '../support/captured-process.ts';
import { ENGINES } from '../support/shard-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
const TRACED = ['--trace-opt', '--trace-deopt', BIN, 'run', '--quiet', '-c', '64', '-T', '4s', '--engine'];
const TIMEOUT_MS = 60_000;

/** The function that every frame passes through on its way out. */
const HOT = '#sendDue';

describe.each(ENGINES)('tidemark run --engine $engine', ({ engine, missing }) => {
  test.skipIf(missing !== null)(
    'keeps what V8 compiled of its loop in the first second',
    { timeout: TIMEOUT_MS },
    async () => {
      const args = [...TRACED, engine, '--out', scratchDirectory()];
      const env = { ...process.env, TIDEMARK_HEALTH_VERDICT: 'report' };
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
      const { exitCode, stdout } = await capture(child).ended;
      expect(exitCode).toBe(0);
      const told = stdout.split('\n').filter((line) => line.includes(HOT));
      const isCompiled = (line: string): boolean => line.includes('completed optimizing');
      expect(told.some(isCompiled)).toBe(true);
      // When its thread ends all code is given up, and nothing of it compiled again.
      const givenUp = told.findIndex((line) => line.includes('marking dependent code'));
      expect(givenUp < 0 ? [] : told.slice(givenUp).filter(isCompiled)).toEqual([]);
    },
  );
});
