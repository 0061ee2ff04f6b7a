import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BENCHES = fileURLToPath(new URL('../bench/run.js', import.meta.url));
const TIMEOUT_MS = 120_000;

test('every bench runs to its end', { timeout: TIMEOUT_MS }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BENCHES], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  for (const name of ['decoder', 'payload', 'session', 'snapshot'])
    expect(stdout).toContain(`${name}.bench.js`);
});
