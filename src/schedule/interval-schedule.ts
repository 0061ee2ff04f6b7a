/** What the time of an interval counts as: only `measure` makes results. */
export type IntervalPhase = 'warmup' | 'measure' | 'drain';

export interface IntervalScheduleOptions {
  intervalUs: number;
  warmupUs: number;
  durationUs: number;
}

/**
 * The end of the interval that runs at `elapsedUs`: the next multiple of the interval, cut at the end of the warm-up
 * and of the duration so that no interval belongs to two phases.
 */
export function intervalEndUs(elapsedUs: number, options: IntervalScheduleOptions): number {
  const { intervalUs, warmupUs, durationUs } = options;
  let endUs = (Math.floor(elapsedUs / intervalUs) + 1) * intervalUs;
  for (const cutUs of [warmupUs, durationUs]) if (cutUs > elapsedUs && cutUs < endUs) endUs = cutUs;
  return endUs;
}

/** The phase of the interval that begins at `startUs`. */
export function intervalPhase(startUs: number, options: IntervalScheduleOptions): IntervalPhase {
  if (startUs >= options.durationUs) return 'drain';
  return startUs < options.warmupUs ? 'warmup' : 'measure';
}

/** A snapshot period. Source: the usual second of load testers, coarse enough to cost nothing. */
export const INTERVAL_US = 1_000_000;
