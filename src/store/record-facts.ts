import { z } from 'zod';
import type { Era } from './eras.ts';
import { GAP_FIELDS, type Gap } from './interval-line.ts';

/** What of a run was stored: the summary's word on intervals.jsonl and latency.hlog. */
export interface RecordFacts {
  /** The oldest first. */
  widths: StoredWidth[];
  /** Where the run had broken off and was resumed. */
  gaps: Gap[];
  /** When and why nothing more was stored; null where that did not happen. */
  stopped: RecordStop | null;
}

/** How wide the stored intervals of a stretch of the run are. */
export interface StoredWidth {
  fromSeconds: number;
  toSeconds: number;
  widthSeconds: number;
  /** Stored lines. */
  intervals: number;
}

/** Where a record stopped. */
export interface RecordStop {
  /** Since the run's start: what came after it is in the summary only. */
  atSeconds: number;
  why: string;
}

/** A record of one width from its beginning to `endSeconds`, or of several after it has been widened. */
export function storedWidths(eras: readonly Era[], endSeconds: number): StoredWidth[] {
  let fromSeconds = 0;
  const widths: StoredWidth[] = [];
  for (const { untilSeconds, widthSeconds, lines } of eras) {
    const toSeconds = Math.min(untilSeconds, endSeconds);
    if (lines > 0) widths.push({ fromSeconds, toSeconds, widthSeconds, intervals: lines });
    fromSeconds = toSeconds;
  }
  return widths;
}

const seconds = z.number();

/** Checks `record` of a summary.json. */
export const RECORD_SCHEMA: z.ZodType<RecordFacts> = z.looseObject({
  widths: z.array(
    z.looseObject({ fromSeconds: seconds, toSeconds: seconds, widthSeconds: seconds, intervals: z.number() }),
  ),
  gaps: z.array(GAP_FIELDS),
  stopped: z.looseObject({ atSeconds: seconds, why: z.string() }).nullable(),
});
