import type { Estimate } from '../statistics/order-statistics.ts';
import type { VerdictWord } from './comparison.ts';
import type { CompareMetric } from './metrics.ts';

/**
 * What an estimate of B against A, on the metric's own scale (a logarithm, or a difference), says: `same` where the whole
 * interval lies within delta, `better` or `worse` where it leaves out 0 and the estimate is at least delta, `inconclusive`
 * otherwise.
 * @param delta on the same scale, see `deltaOn`
 */
export function judgeChange(
  { value, low, high }: Estimate,
  delta: number,
  better: CompareMetric['better'],
): VerdictWord {
  if (low >= -delta && high <= delta) return 'same';
  const oneSided = low > 0 || high < 0;
  if (!oneSided || Math.abs(value) < delta) return 'inconclusive';
  return value > 0 === (better === 'higher') ? 'better' : 'worse';
}

/** Delta on a metric's scale: 5% more is the logarithm of 1.05, and as far in the other direction 4.8% less. */
export function deltaOn(
  scale: CompareMetric['scale'],
  { delta, deltaBad }: { delta: number; deltaBad: number },
): number {
  return scale === 'ratio' ? Math.log1p(delta) : deltaBad;
}
