import type { CycleFinding, DriftFinding, TrendFinding } from '../analysis/drift/drift.ts';
import { formatBytes, formatPercent, formatShort, formatUs } from './human.ts';

/** A finding in plain words: what, by how much, from when on, and how sure. */
export function sentenceOf(finding: DriftFinding): string {
  switch (finding.kind) {
    case 'trend':
      return trendSentence(finding);
    case 'step': {
      const { series, unit, change, level, startSeconds } = finding;
      const verb = change.value > 0 ? 'steps up' : 'steps down';
      return (
        `${series} ${verb} by ${range(change, unit)} at ${formatClock(startSeconds)}, ` +
        `from ${amount(level, unit)}${shareOf(change.value, level)}`
      );
    }
    case 'cycle':
      return cycleSentence(finding);
    default:
      throw finding satisfies never;
  }
}

/** `00:12:05`, `3d 04:00:00`: a time since the run's start. */
export function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  const days = Math.floor(whole / 86_400);
  const [hours, minutes, rest] = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const clock = [hours, minutes, rest].map((part) => String(part).padStart(2, '0')).join(':');
  return days > 0 ? `${days}d ${clock}` : clock;
}

function trendSentence({ series, unit, slopePerHour, change, level, startSeconds }: TrendFinding): string {
  const verb = slopePerHour.value > 0 ? 'rises' : 'falls';
  return (
    `${series} ${verb} by ${range(slopePerHour, unit, ' an hour')}, since ${formatClock(startSeconds)}: ` +
    `${amount(Math.abs(change.value), unit)} in all${shareOf(change.value, level, ' of the median')}`
  );
}

function cycleSentence(finding: CycleFinding): string {
  const { series, unit, periodSeconds, periodErrorSeconds, startSeconds, peak, level, share, windowShare } =
    finding;
  const what = peak > level ? 'stalls' : 'drops';
  const digits = periodErrorSeconds < 0.1 ? 2 : 1;
  return (
    `${series} ${what} every ${periodSeconds.toFixed(digits)}s (within ${periodErrorSeconds.toFixed(digits)}s), first at ` +
    `${formatClock(startSeconds)}: ${amount(peak, unit)} then, ${amount(level, unit)} as a rule; ` +
    `${formatPercent(share)} of its worst intervals come at that point of the cycle (${formatPercent(windowShare)} by chance)`
  );
}

/** `3.1ms an hour (2.2ms to 4ms)`: the size without its sign, and the interval that holds it 99 times of 100. */
function range(
  { value, low, high }: { value: number; low: number; high: number },
  unit: DriftFinding['unit'],
  per: string = '',
): string {
  const [near, far] = value < 0 ? [-high, -low] : [low, high];
  return `${amount(Math.abs(value), unit)}${per} (${amount(near, unit)} to ${amount(far, unit)})`;
}

function shareOf(change: number, level: number, of: string = ''): string {
  return level === 0 ? '' : ` (${change > 0 ? '+' : ''}${formatPercent(change / level)}${of})`;
}

function amount(value: number, unit: DriftFinding['unit']): string {
  if (unit === 'us') return formatUs(value);
  return unit === 'bytes' ? formatBytes(value) : `${formatShort(value)}/s`;
}
