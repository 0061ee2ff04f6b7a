import type { ChangeEstimate, Comparison, MetricResult } from '../analysis/compare/comparison.ts';
import { formatPercent, formatShort, formatUs } from './human.ts';

/** A value of a metric, for people. */
export function valueText(value: number | null, unit: MetricResult['unit']): string {
  if (value === null) return '-';
  switch (unit) {
    case 'us':
      return formatUs(value);
    case 'perSecond':
      return `${formatShort(value)}/s`;
    case 'share':
      return formatPercent(value);
    default:
      return unit satisfies never;
  }
}

/** `+5.2%`, or a difference of shares in percentage points. */
export function changeText(result: Pick<MetricResult, 'change' | 'scale'>): string {
  return result.change === null ? '-' : signed(result.change.value, result.scale);
}

/** `+4.1% to +6.3%`; `-` where nothing bounds the change. */
export function intervalText({ change, scale }: Pick<MetricResult, 'change' | 'scale'>): string {
  if (change === null || change.low === null || change.high === null) return '-';
  return `${signed(change.low, scale)} to ${signed(change.high, scale)}`;
}

/** The verdict of a metric; nothing where it could not be judged. */
export function verdictText({ verdict }: MetricResult): string {
  return verdict ?? 'not judged';
}

/** What stands behind the verdict, in a line. */
export function rulesText({ design, a, b }: Comparison): string {
  const { kind, used, planned, confidence, delta, deltaBad, gate } = design;
  const of = used === planned ? String(used) : `${used} of ${planned}`;
  const runs =
    kind === 'paired' ? `${of} pairs` : `${a.runs.length} and ${b.runs.length} runs, not interleaved`;
  const gates = gate.length === 1 ? '1 gating metric' : `${gate.length} gating metrics together`;
  return `${runs} · ${confidenceText(confidence)} confidence over ${gates} · delta ${formatPercent(delta)}, bad.ratio ${formatPercent(deltaBad)}`;
}

/** `98.3%`. */
export function confidenceText(confidence: number): string {
  return `${Number((confidence * 100).toFixed(1))}%`;
}

/** What is to be said of metrics that are inconclusive or could not be judged, a sentence each. */
export function reasonLines({ metrics, design }: Comparison): string[] {
  return metrics.flatMap((metric) => {
    if (metric.reason === null) return [];
    const settle = metric.gate && metric.verdict === 'inconclusive' ? settleText(metric, design.kind) : '';
    return [`${metric.name}: ${metric.reason}${settle}`];
  });
}

/** The share of the change at one quantile. */
export function shiftText({ value }: ChangeEstimate): string {
  return signed(value, 'ratio');
}

/** `p5`, `p99.9`. */
export function quantileName(quantile: number): string {
  return `p${Number((quantile * 100).toFixed(3))}`;
}

function settleText({ pairsToSettle, change }: MetricResult, kind: Comparison['design']['kind']): string {
  if (kind === 'unpaired' || change?.low === null) return '';
  return pairsToSettle === null
    ? '; more than 64 pairs would be needed to settle it'
    : `; a new comparison of about ${pairsToSettle} pairs would settle it`;
}

function signed(value: number, scale: MetricResult['scale']): string {
  if (scale === 'ratio' && value >= FACTOR_FROM) return `${formatShort(1 + value)}x`;
  const percents = value * 100;
  const digits = scale === 'difference' ? Number(percents.toPrecision(2)) : Number(percents.toFixed(1));
  const text = scale === 'difference' ? `${digits} points` : `${digits.toFixed(1)}%`;
  return digits > 0 ? `+${text}` : Object.is(digits, -0) ? text.replace('-', '') : text;
}

/** From three times as much on, a factor reads better than percents. */
const FACTOR_FROM = 2;
