import type { CapacityResult } from '../analysis/capacity/capacity-result.ts';
import type { PlanQuestion } from '../analysis/capacity/capacity-plan.ts';
import { capacityAnswer } from './capacity-answer.ts';
import { firstLimitLines, ladderLines, littleLines, uslLines } from './capacity-blocks.ts';
import { planLines } from './plan-block.ts';
import { createPaint } from './paint.ts';

export interface CapacityPageOptions {
  color: boolean;
  /** Where the search is stored; null where it is read from elsewhere. */
  directory: string | null;
  /** What servers are wanted for. @default nothing is planned */
  plan?: PlanQuestion;
}

/** The page of a search: the answer first, then what it rests on. */
export function renderCapacity(result: CapacityResult, options: CapacityPageOptions): string {
  const paint = createPaint(options.color);
  const { plan, directory } = options;
  const blocks = [
    [...capacityAnswer(result, paint), ...(directory === null ? [] : [`stored in ${directory}`])],
    plan === undefined ? [] : planLines(result, plan, paint),
    ladderLines(result, paint),
    firstLimitLines(result, paint),
    [...uslLines(result, paint), ...littleLines(result)],
    result.notes.map((note) => paint.yellow(note)),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}
