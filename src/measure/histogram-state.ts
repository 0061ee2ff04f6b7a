/** A histogram as text that loses nothing, for a reader that goes on with it. */
export interface HistogramState {
  /** Its counts, see histogram-text.ts. */
  counts: string;
  /** Exact, as are the two below. */
  sumUs: number;
  minUs: number;
  maxUs: number;
}
