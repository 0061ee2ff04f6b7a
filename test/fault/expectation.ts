import type { FaultName } from '../../src/target/fault/fault.ts';

/**
 * One run against a target with a fault, and what its summary must say, as claims that hold the summary against the
 * target's truth. The tests evaluate them and docs/faults.md shows them, so that the page cannot say anything else.
 *
 * A claim compares sums of numbers and names with =, <= or >=; `2 * name` is a multiple. Names are paths of
 * summary.json. Those that begin with `target.` are the target's counters, with `fault.`, `fault2.` and `fault3.` the
 * counts of the first, second and third fault; `trial.ended` is 1 where the fault ended the trial dial, which every run
 * makes before its load, `partial.` sums the rows of writes.partial and `partialReads.` those of reads.partial. Times of histograms are in microseconds.
 * Whatever counts a trouble and is in no claim of the run must be 0.
 */
export interface Expectation {
  /** The modes it shows; all modes of the catalogue are shown by some. */
  modes: readonly FaultName[];
  faults: readonly string[];
  /** Flags of the run beside those of `BASE_LOAD`. */
  load?: Readonly<Record<string, string>>;
  /** @default the target's own */
  backlog?: number;
  claims: readonly string[];
  /** False: the node engine cannot see what the claims are about. @default true */
  node?: boolean;
  /** What the epoll engine alone can see. */
  epollClaims?: readonly string[];
  /** Why a claim is no equation, or what it rests on. */
  because?: string;
}

/** Every frame of a connection's life is counted, so that a run ends by itself and its numbers are known before. */
export const BASE_LOAD: Readonly<Record<string, string>> = {
  connections: '4',
  payload: '64B',
  window: '1',
  connectionLifetime: '20 frames',
  duration: '10s',
  connectTimeout: '5s',
  readTimeout: '5s',
};
