import type { CapacityTrial, LoadKind } from '../analysis/capacity/capacity-result.ts';
import { formatPercent, formatUs } from './human.ts';
import { formatLoad } from './load-words.ts';

/** One line for a trial that has ended. */
export function trialLine(
  { number, load, purpose, verdict, reasons, figures, held }: CapacityTrial,
  of: LoadKind,
): string {
  const facts = [
    ...(figures === null
      ? []
      : [
          `lost ${formatPercent(figures.lossRatio)}`,
          ...(figures.response.p99 === null ? [] : [`response p99 ${formatUs(figures.response.p99)}`]),
        ]),
    ...(held === null
      ? []
      : [`held ${held.held}`, ...(held.dialP99 === null ? [] : [`dial p99 ${formatUs(held.dialP99)}`])]),
  ];
  const why = verdict === 'good' ? '' : `: ${reasons.join('; ')}`;
  const word = purpose === 'warmup' ? `warm-up, ${VERDICT_WORDS[verdict]}` : VERDICT_WORDS[verdict];
  const isProof = purpose === 'confirm' ? ' (confirming)' : '';
  return `trial ${number}: ${formatLoad(load, of)} ${word}${isProof}, ${facts.join(', ')}${why}`;
}

const VERDICT_WORDS = { good: 'passed', bad: 'failed', invalid: 'does not count' } as const;
