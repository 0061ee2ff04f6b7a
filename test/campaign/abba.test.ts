import { expect, test } from 'vitest';
import { abbaOrder } from '../../src/campaign/abba.ts';

test('abbaOrder turns round from pair to pair, and the seed draws who is first', () => {
  const firsts = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const order = abbaOrder(5, seed);
    const text = order.map((pair) => pair.join('')).join('');
    firsts.add(text);
    expect(['abbaabbaab', 'baabbaabba']).toContain(text);
    expect(abbaOrder(5, seed)).toEqual(order);
  }
  expect(firsts.size).toBe(2);
});
