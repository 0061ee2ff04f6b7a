import type { CapacityResult, LadderRow } from '../analysis/capacity/capacity-result.ts';
import type { LimitSign, SignName } from '../analysis/capacity/limit-signs.ts';
import type { Interval } from '../analysis/capacity/usl-interval.ts';
import { formatCount, formatPercent, formatShort, formatUs } from './human.ts';
import { formatLoad, shortLoad } from './load-words.ts';
import type { Paint } from './paint.ts';
import { tableLines, type Column } from './text-table.ts';

/** A line a load, the lowest first: how many trials passed, and what came of it. */
export function ladderLines(result: CapacityResult, paint: Paint): string[] {
  const { ladder, of, bounds } = result;
  const columns = (of === 'rate' ? RATE_COLUMNS : HOLD_COLUMNS).map(([head, align]): Column => ({
    head,
    align,
  }));
  return tableLines(
    columns,
    ladder.map((row) => {
      const mark = row.load === bounds.lower ? paint.green('carried') : markOf(row, result, paint);
      return of === 'rate' ? rateRow(row, mark) : holdRow(row, mark);
    }),
  );
}

const RATE_COLUMNS: readonly (readonly [string, 'left' | 'right'])[] = [
  ['offered/s', 'right'],
  ['passed', 'right'],
  ['', 'left'],
  ['good/s', 'right'],
  ['lost', 'right'],
  ['response p50', 'right'],
  ['p99', 'right'],
  ['failures', 'right'],
  ['in flight', 'right'],
];
const HOLD_COLUMNS: readonly (readonly [string, 'left' | 'right'])[] = [
  ['connections', 'right'],
  ['passed', 'right'],
  ['', 'left'],
  ['held', 'right'],
  ['dial p99', 'right'],
  ['failures', 'right'],
];

function markOf({ load, passed, trials }: LadderRow, { bounds }: CapacityResult, paint: Paint): string {
  if (load === bounds.upper) return paint.red('fails');
  return passed < trials && bounds.upper !== null && load > bounds.upper ? 'fails' : '';
}

function rateRow(row: LadderRow, mark: string): string[] {
  return [
    shortLoad(row.load),
    passedText(row),
    mark,
    row.goodPerSecond === null ? '-' : shortLoad(row.goodPerSecond),
    row.lossRatio === null ? '-' : formatPercent(row.lossRatio),
    timeText(row.responseP50),
    timeText(row.responseP99),
    formatCount(row.failures),
    row.little === null ? '-' : formatShort(row.little.counted),
  ];
}

function holdRow(row: LadderRow, mark: string): string[] {
  return [
    formatCount(row.load),
    passedText(row),
    mark,
    row.goodPerSecond === null ? '-' : formatCount(row.goodPerSecond),
    timeText(row.dialP99),
    formatCount(row.failures),
  ];
}

function passedText({ passed, trials, invalid }: LadderRow): string {
  return `${passed}/${trials}${invalid > 0 ? ` (${invalid} invalid)` : ''}`;
}

function timeText(us: number | null): string {
  return us === null ? '-' : formatUs(us);
}

/** Which limit the lowest failing load met, and how it showed. */
export function firstLimitLines({ firstLimit, of }: CapacityResult, paint: Paint): string[] {
  if (firstLimit === null) return [];
  const { load, signs, reasons } = firstLimit;
  const whys = reasons.map(({ why, trials }) => `${why} (${trials} ${trials === 1 ? 'trial' : 'trials'})`);
  const shown = signs.map(signWords);
  return [
    `${paint.bold('first limit')}  at ${formatLoad(load, of)}: ${whys.join('; ')}`,
    shown.length === 0
      ? 'no sign beside that which the load below does not show as well'
      : `how it showed, in order: ${shown.join('; ')}`,
  ];
}

function signWords({ name, count, firstSeconds }: LimitSign): string {
  const since = firstSeconds === null || firstSeconds === 0 ? '' : `, from ${formatShort(firstSeconds)}s on`;
  return `${SIGN_WORDS[name]} (${formatShort(count)} a trial${since})`;
}

const SIGN_WORDS: Readonly<Record<SignName, string>> = {
  refusals: 'dials refused',
  backlogStalls: 'dials whose SYN was sent again: the backlog was full',
  dialTimeouts: 'dials unanswered',
  resets: 'connections reset',
  closes: 'connections closed by the target',
  timeouts: 'sessions given up after a timeout',
  heartbeatsMissed: 'heartbeats unanswered',
  corruption: 'replies corrupt',
  backpressure: 'writes stalled: the target did not read',
  queueing: 'frames queueing in the target, more and more',
  retransmissions: 'segments sent again, of all connections of this machine',
};

/** The Universal Scalability Law, or why it is not there. */
export function uslLines({ usl }: CapacityResult, paint: Paint): string[] {
  if (usl === null) return [];
  if (!usl.fitted) return [paint.dim(`scalability law not fitted: ${usl.why}`)];
  const { alpha, beta, gamma, intervals, points, concurrency, peak, peakUnknown } = usl;
  const span = `${formatShort(concurrency.least)} to ${formatShort(concurrency.most)} in flight`;
  return [
    `${paint.bold('scalability law')}  contention ${coefficient(alpha, intervals.alpha)}, coherency ` +
      `${coefficient(beta, intervals.beta)}, alone ${coefficient(gamma, intervals.gamma)} frames/s; ${points} trials, ${span}`,
    peak === null
      ? `no peak is claimed: ${peakUnknown}`
      : `throughput is highest at ${formatShort(peak.concurrency)} in flight: ${shortLoad(peak.perSecond)} frames/s`,
  ];
}

function coefficient(value: number, { low, high }: Interval): string {
  const digits = (one: number): string => String(Number(one.toPrecision(3)));
  return `${digits(value)} (${digits(low)} to ${high === null ? 'no bound' : digits(high)})`;
}

/** Whether the books agree with Little's law, over the loads where enough is in flight to tell. */
export function littleLines({ ladder, of }: CapacityResult): string[] {
  if (of !== 'rate') return [];
  const audits = ladder.flatMap(({ load, little }) => (little === null ? [] : [{ load, ...little }]));
  if (audits.length === 0)
    return ["Little's law not audited: too few frames in flight at any load that is carried"];
  const off = audits.filter(({ ok }) => !ok);
  const largest = Math.max(...audits.map(({ deviation }) => Math.abs(deviation)));
  if (off.length === 0)
    return [
      `Little's law holds at ${audits.length} of ${audits.length} loads: counted and computed frames in flight differ by ${formatPercent(largest)} at most`,
    ];
  return off.map(
    ({ load, counted, expected }) =>
      `Little's law does not hold at ${shortLoad(load)}: ${formatShort(counted)} frames in flight were counted, and throughput times ` +
      `service time says ${formatShort(expected)}; doubt the times at this load`,
  );
}
