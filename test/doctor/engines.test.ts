import { expect, test } from 'vitest';

import { engineAvailability } from '../../src/doctor/engines.ts';

test('engineAvailability has every engine with a reason in one line, and node always', () => {
  const engines = engineAvailability();
  expect(engines.map(({ name }) => name)).toEqual(['node', 'epoll']);
  expect(engines[0]?.available).toBe(true);
  for (const { reason } of engines) expect(reason).toMatch(/^[^\n]+$/);
});
