import { OperatingError } from '../base/errors.ts';
import { EXIT } from '../base/exit-codes.ts';
import { COUNTER, type CounterName } from '../measure/counters.ts';
import { DIAL_OUTCOMES } from '../measure/outcome.ts';
import { gapSeconds, type Gap } from '../store/interval-line.ts';
import type { RunWriter } from '../store/run-writer.ts';
import type { BrokenRun } from './broken-run.ts';
import type { RunAccounts } from './checkpoint.ts';
import type { CohortTotals } from './cohort-totals.ts';
import type { MergedInterval } from './interval-merger.ts';
import { wallAheadSeconds } from './run-clocks.ts';

/**
 * Goes on with the time and the numbers of a run that broke off. How long the gap was only the wall clock tells, less
 * what it was set by and what the machine slept before the run broke off; where it was set back since, the gap has no
 * length.
 */
export class ResumedTime {
  readonly gaps: Gap[];
  readonly #broken: BrokenRun;
  readonly #accounts: RunAccounts;
  readonly #writer: RunWriter;
  readonly #open: Pick<Gap, 'connectionsOpen' | 'framesInFlight' | 'dialsInProgress'>;
  readonly #wallMs: () => number;
  /** By how much the time of the shards is shifted; null before the first interval. */
  #offsetUs: number | null = null;

  /**
   * @param accounts of the run until it broke off; what was open then is taken out of them
   * @param wallMs the wall clock, in milliseconds. @default this machine's
   */
  constructor(
    broken: BrokenRun,
    accounts: RunAccounts,
    writer: RunWriter,
    wallMs: () => number = () => Date.now(),
  ) {
    this.#wallMs = wallMs;
    this.gaps = [...broken.gaps];
    this.#broken = broken;
    this.#accounts = accounts;
    this.#writer = writer;
    this.#open = whatWasOpen(accounts.totals, broken.gaps);
    for (const totals of new Set<CohortTotals>([accounts.totals, ...accounts.totals.cohorts])) {
      totals.counters[COUNTER.openNow] = 0;
    }
  }

  /** Gives an interval, whose time counts from the resumption, its place in the run; the first one ends the gap. */
  place(interval: MergedInterval): void {
    const offsetUs = (this.#offsetUs ??= this.#endGap(interval));
    interval.index += this.#broken.lastIndex + 1;
    interval.startUs += offsetUs;
    interval.endUs += offsetUs;
    interval.gapsUs = gapSeconds(this.gaps) * 1e6;
  }

  #endGap(first: MergedInterval): number {
    const { endSeconds, manifest, events } = this.#broken;
    const aheadMs = wallAheadSeconds(events.clocks) * 1000;
    const elapsedMs = this.#wallMs() - Date.parse(manifest.startedAt) - aheadMs;
    const offsetMs = Math.max(Math.ceil(endSeconds * 1000), Math.round(elapsedMs - first.endUs / 1000));
    const why = 'the run had broken off and was resumed';
    const gap = { startSeconds: endSeconds, endSeconds: offsetMs / 1000, why, ...this.#open };
    this.#accounts.totals.beganUs = offsetMs * 1000;
    this.gaps.push(gap);
    this.#writer.appendGap(gap);
    return offsetMs * 1000;
  }
}

/** Nobody can go on with that run, for a reason that is given as the end of a sentence. */
export function cannotResume(why: string): OperatingError {
  return new OperatingError('ERR_STORE', `Cannot resume the run: ${why}`, { exitCode: EXIT.usage });
}

function whatWasOpen(
  { counters }: CohortTotals,
  before: readonly Gap[],
): Pick<Gap, 'connectionsOpen' | 'framesInFlight' | 'dialsInProgress'> {
  const count = (name: CounterName): number => counters[COUNTER[name]] ?? 0;
  const sum = (names: readonly CounterName[]): number =>
    names.reduce((total, name) => total + count(name), 0);
  const known = (key: 'framesInFlight' | 'dialsInProgress'): number =>
    before.reduce((total, gap) => total + gap[key], 0);
  const settled = sum([
    'framesMatched',
    'framesCorrupt',
    'framesLost',
    'framesInFlightAtEnd',
    'framesOneWay',
  ]);
  const dialled = sum(DIAL_OUTCOMES.map((outcome): CounterName => `dial:${outcome}`));
  return {
    connectionsOpen: count('openNow'),
    framesInFlight: count('framesSent') - settled - known('framesInFlight'),
    dialsInProgress: count('dialsAttempted') - dialled - known('dialsInProgress'),
  };
}
