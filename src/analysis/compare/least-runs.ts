import { lowerBoundIndex, rankSumCounts } from '../statistics/rank-sums.ts';
import { signedRankMin } from '../statistics/signed-rank.ts';

/** Pairs, or runs of each side where they are not paired, without which no interval of this confidence has bounds. */
export function rankMinOf(kind: 'paired' | 'unpaired', confidence: number): number {
  if (kind === 'paired') return signedRankMin(confidence);
  let runs = 1;
  while (lowerBoundIndex(rankSumCounts(runs, runs), (1 - confidence) / 2) < 0) runs++;
  return runs;
}
