import type { Comparison } from '../analysis/compare/comparison.ts';
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

/** A comparison as Markdown, for a comment on a pull request: the verdict, the table, the rest folded away. */
export function renderCompareMarkdown(comparison: Comparison): string {
  const { name, verdict, design, a, b, metrics, differences } = comparison;
  const word = verdict.interrupted ? 'interrupted' : verdict.word;
  const head = [
    '',
    'metric',
    'A',
    'B',
    'change',
    `${confidenceText(design.metricConfidence)} interval`,
    'verdict',
  ];
  const rows = metrics.map((metric) => [
    metric.gate ? 'gate' : '',
    code(metric.name),
    valueText(metric.a, metric.unit),
    valueText(metric.b, metric.unit),
    changeText(metric),
    intervalText(metric),
    metric.gate ? `**${verdictText(metric)}**` : verdictText(metric),
  ]);
  const sections = [
    [`### ${escape(name)}: ${word}`],
    [rulesText(comparison)],
    differences.map((difference) => `- **forced although not alike:** ${escape(difference)}`),
    design.kind === 'paired' ? [] : ['**Drift not controlled:** runs of A and B were not interleaved.'],
    rows.length === 0 ? [] : tableOf(head, '---|---|--:|--:|--:|--:|---', rows),
    verdict.reasons.map((reason) => `- ${escape(reason)}`),
    details(comparison),
    [`A: ${code(a.what)}  `, `B: ${code(b.what)}`],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function details(comparison: Comparison): string[] {
  const { shift, leftOut, notes } = comparison;
  const rows = shift.map(({ quantile, aUs, bUs, change }) => [
    quantileName(quantile),
    formatUs(aUs),
    formatUs(bUs),
    shiftText(change),
    intervalText({ change, scale: 'ratio' }),
  ]);
  const lines = [
    ...reasonLines(comparison),
    ...leftOut.map(({ run, side, reason }) => `left out: ${run} (${side.toUpperCase()}), ${reason}`),
    ...notes,
  ];
  const interval = `${confidenceText(comparison.design.confidence)} interval`;
  const parts = [
    lines.map((line) => `- ${escape(line)}`),
    rows.length === 0
      ? []
      : tableOf(['response at', 'A', 'B', 'change', interval], '---|--:|--:|--:|--:', rows),
  ].filter((part) => part.length > 0);
  if (parts.length === 0) return [];
  return [
    '<details><summary>Response time by quantile, and notes</summary>',
    '',
    ...parts.flatMap((part) => [...part, '']),
    '</details>',
  ];
}

function tableOf(head: readonly string[], rule: string, rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.join(' | ')} |`, `|${rule}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)];
}

/** Nothing that a user has named may break the table, or ring anybody's bell. */
function escape(text: string): string {
  return text
    .replaceAll('\n', ' ')
    .replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`)
    .replaceAll('@', '@\u200b');
}

function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${text.replaceAll('\n', ' ')}${pad}${fence}`;
}
