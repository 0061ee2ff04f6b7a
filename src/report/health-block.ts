import type { Health, HealthSignal } from '../store/health-summary.ts';
import { formatPercent, formatShort, formatUs } from './human.ts';
import type { Paint } from './paint.ts';
import { tableLines, type Column } from './text-table.ts';

/** How the generator fared: one line where nothing speaks against it, else the signals that do, and what to do. */
export function healthLines({ health }: { health: Health }, paint: Paint): string[] {
  const spoke = health.signals.filter(({ level, advice }) => level !== 'ok' && advice !== null);
  if (health.score === null) return [];
  const line = `health ${formatScore(health.score)}  ${intervalText(health)}`;
  const lines = [line, ...headroomLines(health)];
  if (spoke.length === 0) return lines;
  const [head = '', ...rows] = tableLines(
    COLUMNS,
    spoke.map((signal) => rowOf(signal, paint)),
  );
  return [
    ...lines,
    paint.bold(head),
    ...rows,
    ...spoke.map(({ name, advice }) => `${name}: ${advice ?? ''}`),
  ];
}

/** What the machine's generator could have done beyond this run, where that was calibrated. */
function headroomLines({ headroom }: Health): string[] {
  if (headroom === null) return [];
  const { used, ceilingFramesPerSecond, noise } = headroom;
  const floor =
    noise.responseP50 === null || noise.responseP99 === null
      ? ''
      : `; its noise floor: response p50 ${formatUs(noise.responseP50)}, p99 ${formatUs(noise.responseP99)}`;
  const share = Number((used * 100).toPrecision(2));
  return [
    `used ${share}% of the calibrated ceiling of ${formatShort(ceilingFramesPerSecond)} frames/s${floor}`,
  ];
}

function intervalText({ intervals, signals }: Health): string {
  const { judged, warned, invalid } = intervals;
  if (warned + invalid > 0) {
    return `the generator was disturbed: of ${judged} intervals ${invalid} invalid, ${warned} with a warning`;
  }
  const busy = signals.find(({ name }) => name === 'loopBusy');
  const load = busy === undefined ? '' : `, busiest loop ${amount(busy.value, busy)} busy`;
  return `the generator kept out of the way in all ${judged} intervals${load}`;
}

function rowOf(signal: HealthSignal, paint: Paint): string[] {
  const { name, value, worst, warn, invalid, level, intervalsInvalid, intervalsWarned } = signal;
  const word = level === 'invalid' ? paint.red(level) : paint.yellow(level);
  return [
    name,
    amount(value, signal),
    worst === null ? '-' : amount(worst, signal),
    warn === null ? 'off' : amount(warn, signal),
    invalid === null ? 'off' : amount(invalid, signal),
    String(intervalsWarned),
    String(intervalsInvalid),
    word,
  ];
}

/** Never rounded up to a full score: 1 says that nothing was seen. */
function formatScore(score: number): string {
  return (Math.floor(score * 100) / 100).toFixed(2);
}

function amount(value: number, { unit }: HealthSignal): string {
  if (unit === 'us') return formatUs(value);
  return unit === 'share' ? formatPercent(value) : formatShort(value);
}

const COLUMNS: readonly Column[] = [
  { head: 'signal', align: 'left' },
  { head: 'run', align: 'right' },
  { head: 'worst', align: 'right' },
  { head: 'warns at', align: 'right' },
  { head: 'invalid at', align: 'right' },
  { head: 'warned', align: 'right' },
  { head: 'invalid', align: 'right' },
  { head: '', align: 'left' },
];
