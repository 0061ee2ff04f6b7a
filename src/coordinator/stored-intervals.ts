import { describeSystemError } from '../base/errors.ts';
import { addCounterValues, COUNTER, newCounters } from '../measure/counters.ts';
import { HistogramSet } from '../measure/histogram-set.ts';
import { METRICS } from '../measure/metric.ts';
import { readHistogramLogFrom, type EncodedInterval } from '../store/histogram-log.ts';
import type { CohortLine, IntervalLine } from '../store/interval-line.ts';
import { storeError } from '../store/store-error.ts';
import type { CohortTotals } from './cohort-totals.ts';
import type { CohortInterval, MergedInterval } from './interval-merger.ts';
import type { RunTotals } from './run-totals.ts';

/**
 * Stored intervals, the last ones of a run, as they were merged: with their times, but without what was known of the
 * shards' loops. Each has to be added to `totals` before the next is asked for.
 * @param path of the histogram log
 * @param damaged is told of histograms that cannot be read, which are then left out. @default they are errors
 * @throws {OperatingError} when the log cannot be read, or is damaged (ERR_STORE)
 */
export function* storedIntervals(
  path: string,
  lines: readonly IntervalLine[],
  totals: RunTotals,
  damaged?: (why: string) => void,
): Generator<[MergedInterval, IntervalLine]> {
  const [first] = lines;
  if (first === undefined) return;
  const logged = readHistogramLogFrom(path, first.startSeconds, damaged);
  let next = logged.next();
  for (const line of lines) {
    const times = new LoggedTimes(totals.names, damaged);
    while (next.done !== true && next.value.startSeconds < line.endSeconds - ROUNDING_SECONDS) {
      times.add(next.value);
      next = logged.next();
    }
    yield [storedInterval(line, times, totals), line];
  }
  logged.return(undefined);
}

/** The times of one interval: of the whole, and of its cohorts where there are several. */
class LoggedTimes {
  readonly whole: HistogramSet = new HistogramSet();
  readonly cohorts: readonly HistogramSet[];
  readonly #prefixes: readonly string[];

  readonly #damaged: ((why: string) => void) | undefined;

  constructor(names: readonly (string | null)[], damaged?: (why: string) => void) {
    this.#damaged = damaged;
    this.cohorts = names.length === 1 ? [this.whole] : names.map(() => new HistogramSet());
    this.#prefixes = names.length === 1 ? [] : names.map((name) => `${name ?? ''}:`);
  }

  /** @throws {OperatingError} when it is damaged and nobody is to be told (ERR_STORE) */
  add({ tag, encoded, startSeconds }: EncodedInterval): void {
    const text = tag ?? '';
    const cohort = this.#prefixes.findIndex((prefix) => text.startsWith(prefix));
    const name = cohort < 0 ? text : text.slice(this.#prefixes[cohort]?.length);
    const metric = METRICS.find((known) => known === name);
    if (metric === undefined) return;
    try {
      (this.cohorts[cohort] ?? this.whole).addEncoded(metric, encoded);
    } catch (error) {
      const why = `the histogram of ${text} at ${startSeconds}s is damaged: ${describeSystemError(error)}`;
      if (this.#damaged === undefined) throw storeError(`Cannot read the histogram log: ${why}`, error);
      this.#damaged(why);
    }
  }
}

function storedInterval(line: IntervalLine, times: LoggedTimes, totals: RunTotals): MergedInterval {
  const whole = storedFigures(line, times.whole, totals);
  const cohorts = totals.names.map((name, index) => {
    const own = name === null ? undefined : line.cohorts?.[name];
    const histograms = times.cohorts[index] ?? times.whole;
    return totals.names.length === 1 || own === undefined
      ? whole
      : storedFigures(own, histograms, totals.of(name));
  });
  return {
    ...whole,
    index: line.index,
    startUs: line.startSeconds * 1e6,
    endUs: line.endSeconds * 1e6,
    phase: line.phase,
    loops: new Map(),
    health: line.health ?? null,
    cohorts,
  };
}

function storedFigures(line: CohortLine, histograms: HistogramSet, before: CohortTotals): CohortInterval {
  const { openNow } = line.gauges;
  const [counters, totals] = [newCounters(), newCounters()];
  addCounterValues(counters, line.counters);
  // The gauge is no sum: what it changed by takes it to what it was.
  counters[COUNTER.openNow] = openNow - (before.counters[COUNTER.openNow] ?? 0);
  totals[COUNTER.openNow] = openNow;
  return { counters, totals, openMax: openNow, histograms };
}

/** Times of the histogram log are rounded to milliseconds. */
const ROUNDING_SECONDS = 0.001;
