import { formatFigure } from '../profile/threshold/figure-kinds.ts';
import type { Summary, ThresholdResult } from '../store/summary.ts';
import type { Paint } from './paint.ts';
import { tableLines } from './text-table.ts';

/** Thresholds, each with what was observed beside what was demanded; those that failed first. */
export function thresholdLines({ verdict }: Summary, paint: Paint): string[] {
  if (verdict.thresholds.length === 0) return [];
  return tableLines(
    [
      { head: '', align: 'left' },
      { head: 'threshold', align: 'left' },
      { head: 'observed', align: 'right' },
      { head: 'judged over', align: 'left' },
    ],
    failedFirst(verdict.thresholds).map((result) => [
      result.ok ? paint.green('passed') : paint.red('FAILED'),
      result.expr,
      observedText(result),
      stretchText(result),
    ]),
  );
}

/**
 * What was observed, for people.
 * @example observedText(result) // '20.5ms', or 'no samples'
 */
export function observedText({ observed, unit }: ThresholdResult): string {
  return observed === null ? 'no samples' : formatFigure(unit, observed);
}

/** Over what a threshold was judged. */
function stretchText({ windowSeconds, worstAtMs }: ThresholdResult): string {
  const at = worstAtMs === null ? null : `${(worstAtMs / 1000).toFixed(1)}s`;
  if (windowSeconds === null) return at === null ? 'the run' : `the run until ${at}`;
  return `${windowSeconds}s windows${at === null ? ', none full' : `, worst at ${at}`}`;
}

function failedFirst(thresholds: readonly ThresholdResult[]): ThresholdResult[] {
  return [...thresholds.filter(({ ok }) => !ok), ...thresholds.filter(({ ok }) => ok)];
}
