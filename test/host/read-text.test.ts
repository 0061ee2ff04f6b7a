import { expect, test } from 'vitest';

import { readText } from '../../src/host/read-text.ts';

test('readText reads a file of /proc, and takes one that is missing or a directory for empty', () => {
  expect(readText('/proc/self/comm')).not.toBe('');
  expect(readText('/proc/no-such-file')).toBe('');
  expect(readText('/proc')).toBe('');
});
