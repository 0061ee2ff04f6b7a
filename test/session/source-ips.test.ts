import { expect, test } from 'vitest';

import { sourceIpOf, sourceIpsByFamily } from '../../src/session/source-ips.ts';

const SOURCES = sourceIpsByFamily(['127.0.0.1', '::1', '127.0.0.2']);

test('source addresses turn once every target address had its turn', () => {
  const of = (connection: number): string | null =>
    sourceIpOf(SOURCES, 4, { connection, dial: 0, addresses: 2 });
  expect([0, 1, 2, 3, 4].map(of)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2', '127.0.0.1']);
});

test('each dial of one connection has the next', () => {
  const of = (dial: number): string | null => sourceIpOf(SOURCES, 4, { connection: 7, dial, addresses: 1 });
  expect([0, 1, 2].map(of)).toEqual(['127.0.0.2', '127.0.0.1', '127.0.0.2']);
});

test('a dial has a source address of its own family, or none', () => {
  expect(sourceIpOf(SOURCES, 6, { connection: 5, dial: 0, addresses: 1 })).toBe('::1');
  expect(sourceIpOf(SOURCES, 'unix', { connection: 5, dial: 0, addresses: 1 })).toBeNull();
  expect(sourceIpOf(sourceIpsByFamily([]), 4, { connection: 5, dial: 0, addresses: 1 })).toBeNull();
});
