import { Random } from '../base/random.ts';

export type Side = 'a' | 'b';

/**
 * In which order each pair is run: the first side is drawn, and from pair to pair the order turns round (AB, BA, AB, ...). What
 * drifts steadily over the comparison then meets both sides alike, and nobody chose who goes first.
 * @example abbaOrder(2, 1) // [['a', 'b'], ['b', 'a']], or the other way round
 */
export function abbaOrder(pairs: number, seed: number): [Side, Side][] {
  const aFirst = new Random(seed, ORDER_STREAM).below(2) === 0;
  return Array.from({ length: pairs }, (_, pair) => ((pair % 2 === 0) === aFirst ? ['a', 'b'] : ['b', 'a']));
}

/** Keeps the draw apart from what else the seed decides. */
const ORDER_STREAM = 0xabba;
