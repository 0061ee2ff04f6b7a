import type { RunEvent } from '../../store/run-event.ts';
import type { RunPhase } from '../../store/interval-line.ts';
import { formatCount, formatSeconds, formatShort, formatUs } from '../human.ts';
import type { Paint } from '../paint.ts';
import { tableLines, type Column } from '../text-table.ts';
import type { FailureCount } from './failures.ts';
import type { LiveFacts, LiveSpan, LiveStanding, NamedFacts } from './live-figures.ts';
import type { RecentHealth } from './last-minute.ts';
import { sparkline } from './sparkline.ts';

/** What a page is made of beside the figures. */
export interface LivePageOptions {
  label: string;
  totalSeconds: number;
  /** What users asked of the run so far (`tidemark ctl`), in order. */
  events: readonly RunEvent[];
  /** Further lines of the run, such as those of the target's process. @default none */
  extra?: readonly string[];
  /** Columns and lines of the terminal; nothing is longer. */
  columns: number;
  rows: number;
  paint: Paint;
}

/** How a long run stands, as the lines of a page that is renewed in place. */
export function livePage(standing: LiveStanding, options: LivePageOptions): string[] {
  const { columns, rows, paint } = options;
  const { whole, course, health, cohorts } = standing;
  // The last column stays free: a line that fills it may wrap. The last row is where the cursor rests.
  const fit = (line: string): string => line.slice(0, Math.max(0, columns - 1));
  const failing = whole.minute.failureCount > 0 ? paint.yellow : plain;
  const disturbed = health.some(({ level }) => level !== 'ok') ? paint.yellow : plain;
  const controlled = stateOf(options.events) === null ? plain : paint.yellow;
  const lines = [
    paint.bold(fit(headLine(standing, options))),
    ...rateLines(whole).map(fit),
    '',
    ...timeTable(whole).map(fit),
    ...courseLines(course, columns).map(fit),
    '',
    failing(fit(errorLine(whole))),
    disturbed(fit(healthLine(health))),
    ...controlLines(options.events).map((line) => controlled(fit(line))),
    ...(options.extra ?? []).map(fit),
    ...cohortTable(cohorts).map(fit),
  ];
  return lines.slice(0, Math.max(1, rows - 1));
}

const PHASE_WORDS: Record<RunPhase, string> = {
  warmup: 'warming up',
  measure: 'measuring',
  drain: 'draining',
};

function headLine({ elapsedSeconds, phase }: LiveStanding, options: LivePageOptions): string {
  const { label, totalSeconds, events } = options;
  const share = totalSeconds === 0 ? 1 : Math.min(1, elapsedSeconds / totalSeconds);
  const filled = Math.round(share * BAR_COLUMNS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
  const percent = `${Math.floor(share * 100)}%`;
  const left = formatSeconds(Math.max(0, Math.round(totalSeconds - elapsedSeconds)));
  const elapsed = `${formatSeconds(Math.round(elapsedSeconds))} of ${formatSeconds(totalSeconds)}`;
  const state = phase === 'drain' ? null : stateOf(events);
  return `${elapsed}  ${bar} ${percent}  ${left} left  ${state ?? PHASE_WORDS[phase]}  ${label}`;
}

/** `paused` while a user's pause holds; null where nobody has changed whether the run sends. */
function stateOf(events: readonly RunEvent[]): 'paused' | null {
  const last = events.findLast(({ ok, command }) => ok && (command === 'pause' || command === 'resume'));
  return last?.command === 'pause' ? 'paused' : null;
}

function rateLines({ live, opened, minute, run }: LiveFacts): string[] {
  return [
    `connections  ${formatCount(live)} live, ${formatCount(opened)} opened, ${formatShort(minute.dialsPerSecond)} dials/s`,
    `frames       ${formatShort(minute.framesPerSecond)}/s in the last minute, ${formatShort(run.framesPerSecond)}/s in the whole run`,
  ];
}

function timeTable({ minute, run }: LiveFacts): string[] {
  const row = (name: string, { response }: LiveSpan): string[] => {
    const { p50, p90, p99, p999, max } = response;
    return [name, ...[p50, p90, p99, p999, max].map(time), formatCount(response.count)];
  };
  return tableLines(TIME_COLUMNS, [row('last minute', minute), row('whole run', run)]);
}

function courseLines({ p99Us, secondsPerPoint }: LiveStanding['course'], columns: number): string[] {
  const known = p99Us.filter((value) => value !== null);
  if (known.length === 0) return [];
  const shown = p99Us.slice(-Math.max(1, columns - COURSE_HEAD.length - 1));
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const span =
    secondsPerPoint <= 1.5
      ? 'a column a second'
      : `a column is the highest of ${formatSeconds(secondsPerPoint)}`;
  return [
    `${COURSE_HEAD}${sparkline(shown)}`,
    `${' '.repeat(COURSE_HEAD.length)}${formatUs(low)} to ${formatUs(high)}, ${span}`,
  ];
}

function errorLine({ minute, run }: LiveFacts): string {
  const total = `${formatCount(run.failureCount)} in all`;
  if (minute.failureCount === 0) return `errors       none in the last minute, ${total}`;
  return `errors       ${formatCount(minute.failureCount)} in the last minute, ${total}: ${named(minute.failures)}`;
}

function named(failures: readonly FailureCount[]): string {
  return failures.map(({ name, count }) => `${formatCount(count)} ${name}`).join(', ');
}

function healthLine(health: readonly RecentHealth[]): string {
  if (health.length === 0) return 'health       not judged outside of the measured time';
  const invalid = health.filter(({ level }) => level === 'invalid').length;
  const warned = health.filter(({ level }) => level === 'warn').length;
  if (invalid + warned === 0) return 'health       the generator kept out of the way in the last minute';
  const signals = new Set(health.flatMap((one) => [...one.invalid, ...one.warned]));
  const counts = `of ${health.length} intervals ${invalid} invalid, ${warned} with a warning`;
  return `health       ${counts}: ${[...signals].join(', ')}`;
}

/** The latest command of a user, and what came of it. */
function controlLines(events: readonly RunEvent[]): string[] {
  const last = events.at(-1);
  if (last === undefined) return [];
  const at = formatSeconds(Math.round(last.atSeconds));
  return [`control      ${last.command} at ${at}${last.ok ? '' : ' refused'}: ${last.effect}`];
}

function cohortTable(cohorts: readonly NamedFacts[]): string[] {
  if (cohorts.length === 0) return [];
  const rows = cohorts.map(({ name, live, minute }) => [
    name,
    formatCount(live),
    formatShort(minute.framesPerSecond),
    time(minute.response.p50),
    time(minute.response.p99),
    time(minute.response.max),
    formatCount(minute.failureCount),
  ]);
  return ['', ...tableLines(COHORT_COLUMNS, rows)];
}

function time(us: number | null): string {
  return us === null ? '-' : formatUs(us);
}

function plain(text: string): string {
  return text;
}

const BAR_COLUMNS = 20;
const COURSE_HEAD = 'p99 course   ';

const left = (head: string): Column => ({ head, align: 'left' });
/** As wide as its longest values: columns that move with every second are hard to watch. */
const right = (head: string): Column => ({ head: head.padStart(FIGURE_COLUMNS), align: 'right' });
const FIGURE_COLUMNS = 7;
const TIME_COLUMNS = [left('response'), ...['p50', 'p90', 'p99', 'p99.9', 'max', 'count'].map(right)];
const COHORT_COLUMNS = [
  left('last minute'),
  ...['live', 'frames/s', 'p50', 'p99', 'max', 'errors'].map(right),
];
