import { OperatingError } from '../base/errors.ts';
import type { Gap } from '../store/interval-line.ts';
import type { RecordFacts, RecordStop } from '../store/record-facts.ts';
import type { RunWriter, WriterOptions } from '../store/run-writer.ts';
import type { Summary } from '../store/summary.ts';

/** Whoever is told what the disk refused. */
interface Listener {
  noticed?(sentence: string): void;
}

/** Tells an observer of a run where its record has stopped, and where it goes on. */
export function tellOf(listener: Listener): Required<WriterOptions> {
  return {
    stopped: (stop) => listener.noticed?.(`${describeStop(stop)}; the run goes on`),
    wentOn({ startSeconds, endSeconds }) {
      const length = (endSeconds - startSeconds).toFixed(1);
      listener.noticed?.(
        `intervals are stored again from ${endSeconds.toFixed(1)}s on: the disk takes them; those of the ${length}s before are missing`,
      );
    },
  };
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
    ...gaps.map(describeGap),
    ...(stopped === null ? [] : [`${describeStop(stopped)}; the totals here have all of the run`]),
  ];
}

function describeGap({ startSeconds, endSeconds, why, unstored }: Gap): string {
  const stretch = `${(endSeconds - startSeconds).toFixed(1)}s from ${startSeconds.toFixed(1)}s on`;
  if (unstored !== true) return `nothing is known of ${stretch}: ${why}`;
  return `no interval of ${stretch} is stored: ${why}; the totals here have them`;
}

/** A run whose summary cannot be stored has ended all the same: the observer is told. */
export function storeSummary(writer: RunWriter, summary: Summary, listener: Listener): void {
  try {
    writer.finish(summary);
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    listener.noticed?.(`the summary is not stored: ${error.message}`);
  }
}

function describeStop({ atSeconds, why }: RecordStop): string {
  return `no interval after ${atSeconds.toFixed(1)}s is stored: ${why}`;
}
