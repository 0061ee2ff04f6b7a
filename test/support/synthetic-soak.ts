import { Random } from '../../src/base/random.ts';
import { SERIES } from '../../src/analysis/drift/series.ts';
import type { SeriesTable } from '../../src/analysis/drift/series-table.ts';

/** A soak whose every series is autoregressive of order one about 1, and what is planted into one of them. */
export interface SoakPlan {
  seed: number;
  /** Intervals of 1 s. */
  intervals: number;
  /** Lag-one correlation of intervals. */
  correlation: number;
  /** Standard deviation of an interval, as a share of the level. */
  spread: number;
  plant?: {
    series: string;
    /** Added to the level 1 of interval number `index`. */
    added: (index: number) => number;
  };
}

/** Levels that are far above the smallest change that counts in any unit. */
const LEVELS = { us: 100_000, perSecond: 1000, bytes: 1e9 } as const;

/** The table of a simulated soak. */
export function syntheticSoak({ seed, intervals, correlation, spread, plant }: SoakPlan): SeriesTable {
  const columns = SERIES.map(({ name, unit }, index) => {
    const random = new Random(seed, index);
    const values = new Float64Array(intervals);
    const fresh = Math.sqrt(1 - correlation ** 2);
    let noise = random.normal();
    for (let i = 0; i < intervals; i++) {
      const added = name === plant?.series ? plant.added(i) : 0;
      values[i] = LEVELS[unit] * (1 + added + spread * noise);
      noise = correlation * noise + fresh * random.normal();
    }
    return values;
  });
  return {
    rows: { times: Float64Array.from({ length: intervals }, (_, i) => i + 0.5), widthSeconds: 1 },
    columns,
    startSeconds: 0,
    endSeconds: intervals,
    measured: intervals,
    spoiled: 0,
    seams: [],
  };
}
