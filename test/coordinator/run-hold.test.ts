import { expect, test } from 'vitest';

import { holdRun, isHeld } from '../../src/coordinator/run-hold.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

test.runIf(process.platform === 'linux')(
  'holdRun gives a run to one at a time, whatever path it is named by',
  async () => {
    const directory = scratchDirectory();
    expect(await isHeld(directory)).toBe(false);
    const hold = await holdRun(directory);
    expect(hold).not.toBeNull();
    expect(await isHeld(directory)).toBe(true);
    expect(await holdRun(`${directory}/.`)).toBeNull();
    expect(await isHeld(scratchDirectory())).toBe(false);
    hold?.release();
    const [one, other] = await Promise.all([holdRun(directory), holdRun(directory)]);
    expect([one, other].filter((taken) => taken === null)).toHaveLength(1);
    one?.release();
    other?.release();
  },
);

test('holdRun names a directory that is not there', async () => {
  await expect(holdRun('/nonexistent/run')).rejects.toMatchObject({ code: 'ERR_STORE' });
});
