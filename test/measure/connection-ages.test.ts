import { expect, test } from 'vitest';

import { ConnectionAges } from '../../src/measure/connection-ages.ts';

const MINUTE_US = 60e6;

test('ConnectionAges keeps a new connection in the youngest class until its first minute is over', () => {
  const ages = new ConnectionAges(2);
  ages.opened(0, 1000);
  ages.advance(1000 + MINUTE_US - 1);
  expect(ages.classOf(0)).toBe(0);
  ages.advance(1000 + MINUTE_US);
  expect(ages.classOf(0)).toBe(1);
});

test.each([
  [9.99, 1],
  [10, 2],
  [59, 2],
  [60, 3],
  [6 * 60, 4],
  [24 * 60, 5],
  [1000 * 60, 5],
])('ConnectionAges has a connection of %d minutes in class %i', (minutes, expected) => {
  const ages = new ConnectionAges(1);
  ages.opened(0, 5);
  ages.advance(5 + minutes * MINUTE_US);
  expect(ages.classOf(0)).toBe(expected);
});

test('ConnectionAges begins anew with each connection of a slot, and leaves free slots alone', () => {
  const ages = new ConnectionAges(2);
  ages.opened(0, 1);
  ages.advance(2 * MINUTE_US);
  ages.ended(0);
  ages.opened(0, 2 * MINUTE_US);
  ages.advance(2 * MINUTE_US + 1);
  expect([ages.classOf(0), ages.classOf(1)]).toEqual([0, 0]);
});

test('ConnectionAges goes through more slots than one turn takes in several', () => {
  const slots = 100_000;
  const ages = new ConnectionAges(slots);
  for (let slot = 0; slot < slots; slot++) ages.opened(slot, 1);
  ages.advance(2 * MINUTE_US);
  expect([ages.classOf(0), ages.classOf(slots - 1)]).toEqual([1, 0]);
  ages.advance(2 * MINUTE_US);
  expect([ages.classOf(0), ages.classOf(slots - 1)]).toEqual([1, 1]);
});
