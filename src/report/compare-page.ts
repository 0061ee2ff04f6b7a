import type { Comparison, MetricResult } from '../analysis/compare/comparison.ts';
import {
  changeText,
  confidenceText,
  intervalText,
  quantileName,
  reasonLines,
  rulesText,
  shiftText,
  valueText,
  verdictText,
} from './compare-words.ts';
import { formatUs } from './human.ts';
import { createPaint, type Paint } from './paint.ts';
import { tableLines, type Column } from './text-table.ts';

/** A comparison as a page that is read in ten seconds: the verdict, the table, and what needs explaining. */
export function renderComparison(
  comparison: Comparison,
  options: { color: boolean; directory: string | null },
): string {
  const paint = createPaint(options.color);
  const { directory } = options;
  const blocks = [
    headLines(comparison, paint),
    [...sideLines(comparison), ...(directory === null ? [] : [paint.dim(`stored in ${directory}`)])],
    metricLines(comparison, paint),
    reasonLines(comparison),
    shiftLines(comparison, paint),
    comparison.leftOut.map(({ run, side, reason }) =>
      paint.yellow(`left out: ${run} (${side.toUpperCase()}), ${reason}`),
    ),
    comparison.notes.map((note) => `note: ${note}`),
  ];
  const page = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${page.join('\n\n')}\n`;
}

function headLines(comparison: Comparison, paint: Paint): string[] {
  const { name, verdict, design, differences } = comparison;
  const word = verdict.interrupted ? 'interrupted' : verdict.word;
  return [
    `${paint.bold(colorOf(word, paint)(word.toUpperCase()))}  ${name}: B against A · ${rulesText(comparison)}`,
    ...(explains(comparison) ? verdict.reasons.map((reason) => `because ${reason}`) : []),
    ...differences.map((difference) => paint.red(`FORCED although not alike: ${difference}`)),
    ...(design.kind === 'paired'
      ? []
      : [
          paint.yellow(
            `drift not controlled: runs of A and B were not interleaved, so that whatever else changed meanwhile is in the ` +
              `change${verdict.gates ? '' : '; this fails nothing (--gate-unpaired)'}`,
          ),
        ]),
  ];
}

/** What makes it inconclusive is told metric by metric, unless it ended early. */
function explains({ verdict, design }: Comparison): boolean {
  return verdict.word !== 'inconclusive' || design.measured < design.planned;
}

function sideLines({ a, b }: Comparison): string[] {
  return [`A  ${a.what}`, `B  ${b.what}`];
}

function metricLines({ metrics, design }: Comparison, paint: Paint): string[] {
  const [head = '', ...rows] = tableLines(
    columns(confidenceText(design.metricConfidence)),
    metrics.map((metric) => rowOf(metric, paint)),
  );
  return rows.length === 0 ? [] : [paint.bold(head), ...rows];
}

function columns(confidence: string): Column[] {
  return [
    { head: 'gate', align: 'left' },
    { head: 'metric', align: 'left' },
    { head: 'A', align: 'right' },
    { head: 'B', align: 'right' },
    { head: 'change', align: 'right' },
    { head: `${confidence} interval`, align: 'right' },
    { head: 'verdict', align: 'left' },
  ];
}

function rowOf(metric: MetricResult, paint: Paint): string[] {
  const word = verdictText(metric);
  return [
    metric.gate ? '*' : '',
    metric.name,
    valueText(metric.a, metric.unit),
    valueText(metric.b, metric.unit),
    changeText(metric),
    intervalText(metric),
    metric.gate ? colorOf(word, paint)(word) : paint.dim(word),
  ];
}

/** The shift function as a table of one row: where in the distribution the change lies. */
function shiftLines(comparison: Comparison, paint: Paint): string[] {
  const shift = comparison.shift.filter(({ quantile }) => PAGE_QUANTILES.has(quantile));
  if (shift.length === 0) return [];
  const columnsOf: Column[] = [
    { head: 'response at', align: 'left' },
    ...shift.map(({ quantile }): Column => ({ head: quantileName(quantile), align: 'right' })),
  ];
  const [head = '', ...rows] = tableLines(columnsOf, [
    ['A', ...shift.map(({ aUs }) => formatUs(aUs))],
    ['B', ...shift.map(({ bUs }) => formatUs(bUs))],
    ['change', ...shift.map(({ change }) => shiftText(change))],
  ]);
  return [paint.bold(head), ...rows];
}

function colorOf(word: string, paint: Paint): (text: string) => string {
  if (word === 'worse' || word === 'invalid') return paint.red;
  if (word === 'same' || word === 'better') return paint.green;
  return paint.yellow;
}

/** So many fit beside each other; JSON and Markdown have all. */
const PAGE_QUANTILES: ReadonlySet<number> = new Set([0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999]);
