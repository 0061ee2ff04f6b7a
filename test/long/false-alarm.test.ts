import { expect, test } from 'vitest';

import { honestTarget, readDocument } from '../e2e/json-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { startTidemark } from '../support/tidemark.ts';
import { WakeWitness } from '../support/wake-witness.ts';

/**
 * Twenty runs that nothing disturbed must all be valid. Whether something did is not asked of the runs but of a witness
 * beside them, and what a busy machine spoils is done again.
 */
test('twenty undisturbed runs raise no false alarm', { timeout: 300_000 }, async (context) => {
  const { address } = await honestTarget();
  const args = ['run', '--target', address, '-c', '20', '-R', '2k/s', '-T', '3s', '--json', '--quiet'];
  let undisturbed = 0;
  for (let attempt = 0; undisturbed < RUNS && attempt < ATTEMPTS; attempt++) {
    const out = ['--out', scratchDirectory()];
    const running = startTidemark([...args, ...out], { TIDEMARK_HEALTH_VERDICT: 'enforce' });
    const witness = new WakeWitness();
    const ended = await running.ended;
    if (witness.stop() === 'disturbed') continue;
    undisturbed++;
    const { verdict, health } = readDocument(ended);
    expect({ verdict, health }).toMatchObject({ verdict: { valid: true, reasons: [] }, health: {} });
    expect(ended.exitCode).toBe(0);
  }
  context.skip(undisturbed < RUNS, `only ${undisturbed} of ${ATTEMPTS} runs were left alone by this machine`);
});

const RUNS = 20;
const ATTEMPTS = 60;
