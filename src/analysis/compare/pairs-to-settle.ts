import { Random } from '../../base/random.ts';
import { hodgesLehmann, signedRankMin } from '../statistics/signed-rank.ts';
import { judgeChange } from './judge-change.ts';

/** What was measured, on the metric's own scale. */
export interface SettleQuestion {
  /** One for each pair; at least two. */
  differences: readonly number[];
  /** Their estimated center: simulated comparisons have this as their truth. */
  center: number;
  delta: number;
  confidence: number;
  seed: number;
}

/**
 * How many pairs a new comparison should have, to come to an end (`same`, `better` or `worse`) 80 times of 100: comparisons are
 * simulated with normally distributed differences of the measured center and spread. Null where more than `PAIRS_MAX` would be
 * needed, for example because the change is as large as delta.
 */
export function pairsToSettle({
  differences,
  center,
  delta,
  confidence,
  seed,
}: SettleQuestion): number | null {
  const spread = standardDeviation(differences);
  const settles = (pairs: number): boolean => {
    const random = new Random(seed, pairs);
    let settled = 0;
    for (let i = 0; i < SIMULATIONS; i++) {
      const simulated = Array.from({ length: pairs }, () => center + spread * random.normal());
      if (judgeChange(hodgesLehmann(simulated, confidence), delta, 'lower') !== 'inconclusive') settled++;
    }
    return settled >= SETTLED_SHARE * SIMULATIONS;
  };
  if (!settles(PAIRS_MAX)) return null;
  // The share that settles rises with the number of pairs, so the least that is enough is found by halving.
  let tooFew = signedRankMin(confidence) - 1;
  let enough = PAIRS_MAX;
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >> 1;
    if (settles(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/** Pairs of one comparison: beyond them its length costs more than its answer is worth. */
export const PAIRS_MAX = 64;

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

const SIMULATIONS = 400;
const SETTLED_SHARE = 0.8;
