import { OperatingError } from '../base/errors.ts';
import type { RecordFacts, RecordStop } from '../store/record-facts.ts';
import type { RunWriter } from '../store/run-writer.ts';
import type { Summary } from '../store/summary.ts';

/** Whoever is told what the disk refused. */
interface Listener {
  unstored?(sentence: string): void;
}

/** Tells an observer of a run where its record has stopped. */
export function tellOf(listener: Listener): (stop: RecordStop) => void {
  return (stop) => listener.unstored?.(`${describeStop(stop)}; the run goes on`);
}

/** What of a run is stored less than whole, in sentences. */
export function recordNotes({ widths, gaps, stopped }: RecordFacts): string[] {
  const wide = widths.filter(({ widthSeconds }) => widthSeconds > 1);
  const list = wide.map(
    ({ fromSeconds, toSeconds, widthSeconds }) => `${fromSeconds}s to ${toSeconds}s in ${widthSeconds}s`,
  );
  return [
    ...(list.length === 0
      ? []
      : [`older intervals are stored wider than they were measured: ${list.join(', ')}`]),
    ...gaps.map(({ startSeconds, endSeconds, why }) => {
      const length = (endSeconds - startSeconds).toFixed(1);
      return `nothing is known of ${length}s from ${startSeconds.toFixed(1)}s on: ${why}`;
    }),
    ...(stopped === null ? [] : [`${describeStop(stopped)}; the totals here have all of the run`]),
  ];
}

/** A run whose summary cannot be stored has ended all the same: the observer is told. */
export function storeSummary(writer: RunWriter, summary: Summary, listener: Listener): void {
  try {
    writer.finish(summary);
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    listener.unstored?.(`the summary is not stored: ${error.message}`);
  }
}

function describeStop({ atSeconds, why }: RecordStop): string {
  return `no interval after ${atSeconds.toFixed(1)}s is stored: ${why}`;
}
