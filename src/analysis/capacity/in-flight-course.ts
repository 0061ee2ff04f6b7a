import type { IntervalLine } from '../../store/interval-line.ts';

/** Frames in flight over the measured time of a trial, and what Little's law makes of them. */
export interface InFlightCourse {
  /** At the end of each measured interval: sent, and neither answered nor given up. */
  samples: number[];
  /** From the end of the warm-up to the end of sending. */
  grewBy: number;
  /** N = X R: replies a second times their mean service time, over the measured intervals. */
  byLittle: number;
}

/**
 * Follows the frames in flight by what intervals counted; nothing was in flight at the start.
 * Source of N = X R: J. Little, Operations Research 9 (1961), 383-387.
 */
export function inFlightCourse(intervals: readonly IntervalLine[]): InFlightCourse {
  const samples: number[] = [];
  let inFlight = 0;
  let atStart = 0;
  let serviceUs = 0;
  let seconds = 0;
  for (const interval of intervals) {
    if (interval.phase === 'drain') break;
    inFlight += changeIn(interval);
    if (interval.phase === 'warmup') atStart = inFlight;
    else {
      samples.push(inFlight);
      const { service } = interval.histograms;
      serviceUs += service === undefined ? 0 : service.count * service.mean;
      seconds += interval.endSeconds - interval.startSeconds;
    }
  }
  return {
    samples,
    grewBy: (samples.at(-1) ?? atStart) - atStart,
    byLittle: seconds > 0 ? serviceUs / 1e6 / seconds : 0,
  };
}

function changeIn({ counters }: IntervalLine): number {
  const { framesSent = 0, framesMatched = 0, framesCorrupt = 0, framesLost = 0, framesOneWay = 0 } = counters;
  return framesSent - framesMatched - framesCorrupt - framesLost - framesOneWay;
}
