import { basename } from 'node:path';
import type { LatencyHistogram } from '../../measure/latency-histogram.ts';
import { readRun } from '../../store/run-store.ts';
import type { Summary } from '../../store/summary.ts';

/** One run of a comparison, as it was stored. */
export interface ComparedRun {
  /** Name of its directory. */
  id: string;
  directory: string;
  summary: Summary;
  /** Wall time of its start and end, in milliseconds since 1970. */
  startedMs: number;
  endedMs: number;
  /** Histograms of the response time, one an interval, as they are asked for. */
  responses(): Iterable<LatencyHistogram>;
}

/**
 * Reads a run of which only its summary is needed, however long it is.
 * @throws {OperatingError} when there is no such run, it did not end, or a file is damaged (ERR_STORE)
 */
export function readComparedRun(directory: string): ComparedRun {
  const stored = readRun(directory);
  const { summary } = stored;
  const startedMs = Date.parse(summary.run.startedAt);
  return {
    id: basename(directory),
    directory,
    summary,
    startedMs,
    endedMs: startedMs + summary.run.seconds * 1000,
    *responses() {
      for (const line of stored.histogramLog()) if (line.tag === 'response') yield line.histogram();
    },
  };
}

/** Why a run's numbers cannot stand for its release; null where they can. That it answered nothing does: it is as bad as can be. */
export function unusable({ summary }: ComparedRun): string | null {
  const { verdict, run } = summary;
  if (!verdict.valid) return `invalid: ${verdict.reasons[0] ?? 'the generator stood in its own way'}`;
  return run.interrupted ? 'interrupted' : null;
}
