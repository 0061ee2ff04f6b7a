import type { CapacityResult } from '../analysis/capacity/capacity-result.ts';
import { formatDuration } from '../base/units.ts';
import { formatPercent, formatSeconds } from './human.ts';
import { formatLoad, shortLoad } from './load-words.ts';
import type { Paint } from './paint.ts';

/** What the search found in a sentence, within which bounds, and what the trials prove. */
export function capacityAnswer(result: CapacityResult, paint: Paint): string[] {
  return [
    `${headline(result, paint)}  ${result.target} ${demandWords(result)}`,
    ...boundWords(result),
    ...confirmationWords(result),
    `${countWords(result)} of ${formatDuration(result.trialSeconds * 1e6)} in ${formatSeconds(result.seconds)}`,
  ];
}

function headline({ ending, bounds, of, goal, conditionalThroughput }: CapacityResult, paint: Paint): string {
  const { lower } = bounds;
  if (lower === null) {
    const least = formatLoad(goal.minLoad, of);
    if (ending === 'nothing') return paint.red(`DOES NOT EVEN CARRY ${least}`);
    return paint.yellow(ending === 'unreached' ? 'NOT REACHED' : 'NOTHING FOUND YET');
  }
  const load = formatLoad(lower, of);
  const brought =
    conditionalThroughput !== null && conditionalThroughput < lower * 0.9995
      ? `, of which ${shortLoad(conditionalThroughput)} come back right and in time`
      : '';
  if (ending === 'found') return paint.green(`CARRIES ${load}`) + brought;
  return paint.yellow(`CARRIES AT LEAST ${load}`) + brought;
}

function demandWords({ thresholds, lossRatioMax, limitUs, of }: CapacityResult): string {
  const lost = `at most ${formatPercent(lossRatioMax)} lost`;
  const loss = limitUs === null ? lost : `${lost} or slower than ${formatDuration(limitUs)}`;
  const own = of === 'rate' ? loss : 'every connection dialled, held and answering';
  return `within ${[...thresholds, own].join(', ')}`;
}

function boundWords({ bounds, ending, goal, of }: CapacityResult): string[] {
  const { lower, upper, upperBy } = bounds;
  const lines: string[] = [];
  if (lower !== null && upper !== null && upperBy === 'target')
    lines.push(
      `between ${formatLoad(lower, of)}, which it carries, and ${formatLoad(upper, of)}, which it does not`,
    );
  if (lower !== null && upper !== null && upperBy === 'generator')
    lines.push(
      `limited by the generator, not by the target: at ${formatLoad(upper, of)} the generator itself stood in the way`,
    );
  if (lower !== null && upper === null && goal.ceiling?.load === lower)
    lines.push(
      goal.ceiling.by === 'asked'
        ? 'no more was asked for (--max): where it gives way is not known'
        : `limited by the generator, not by the target: ${goal.ceiling.why}`,
    );
  if (lower === null && upper !== null && upperBy === 'target') lines.push(`${formatLoad(upper, of)} failed`);
  const note = ENDING_WORDS[ending];
  return note === undefined ? lines : [...lines, note];
}

const ENDING_WORDS: Readonly<Record<string, string>> = {
  interrupted: 'interrupted: the bounds are those found so far (tidemark capacity --resume goes on)',
  unreached: 'the target could not be reached (any more): what was found until then stands',
  unsettled: 'too many trials without an end: the target is not steady enough for bounds so narrow (--width)',
};

function confirmationWords({ confirmation, trialSeconds }: CapacityResult): string[] {
  if (confirmation === null) return [];
  const { trials, passed, shareAtLeast } = confirmation;
  const window = formatDuration(trialSeconds * 1e6);
  return [
    `${passed} of ${trials} confirming trials passed: at least ${formatPercent(shareAtLeast)} of ${window} windows pass, ` +
      '95% confidence',
  ];
}

function countWords({ trials }: CapacityResult): string {
  return trials.length === 1 ? '1 trial' : `${trials.length} trials`;
}
