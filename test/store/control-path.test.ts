import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlPath } from '../../src/store/control-path.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

test('controlPath is the socket in the directory where that fits into an address', () => {
  const directory = scratchDirectory();
  const control = controlPath(directory);
  expect(control.path).toBe(join(directory, 'control.sock'));
  control.release();
});

test('controlPath is told by a missing directory whose path is too long', () => {
  expect(() => controlPath(join('/nonexistent', 'd'.repeat(200)))).toThrow('ENOENT');
});
