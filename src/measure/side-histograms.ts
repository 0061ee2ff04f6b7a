import { AGE_BOUNDS_US } from './connection-ages.ts';
import type { HistogramDelta } from './histogram-delta.ts';
import type { HistogramState } from './histogram-state.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { SESSION_OUTCOMES, type SessionOutcome } from './outcome.ts';

/**
 * Parts of a metric that are known of a whole run only: response times by the age of the connection, and the time that
 * each detector took to find a silent peer. Intervals do not store them, which would double what a soak keeps.
 */
export type SideName = `age:${number}` | `detect:${SessionOutcome}`;

/** What one shard recorded of them in one interval. */
export type SideDeltas = Partial<Record<SideName, HistogramDelta>>;

/** Every name that there can be. */
const SIDE_NAMES: readonly SideName[] = [
  ...[...AGE_BOUNDS_US, Infinity].map((_, index): SideName => `age:${index}`),
  ...SESSION_OUTCOMES.map((outcome): SideName => `detect:${outcome}`),
];

/** A histogram a side, made at its first value. */
export class SideHistograms {
  readonly #byName = new Map<SideName, LatencyHistogram>();

  add(deltas: SideDeltas): void {
    for (const name of SIDE_NAMES) {
      const delta = deltas[name];
      if (delta !== undefined) this.#ofName(name).add(delta);
    }
  }

  /** Undefined where it has no value. */
  get(name: SideName): LatencyHistogram | undefined {
    return this.#byName.get(name);
  }

  /** All it holds, for a reader that goes on with it. */
  states(): Partial<Record<SideName, HistogramState>> {
    const states: Partial<Record<SideName, HistogramState>> = {};
    for (const [name, histogram] of this.#byName) {
      const state = histogram.state();
      if (state !== null) states[name] = state;
    }
    return states;
  }

  /** Adds what `states` gave. */
  addStates(states: Partial<Record<SideName, HistogramState>>): void {
    for (const name of SIDE_NAMES) {
      const state = states[name];
      if (state !== undefined) this.#ofName(name).addState(state);
    }
  }

  #ofName(name: SideName): LatencyHistogram {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const histogram = new LatencyHistogram();
    this.#byName.set(name, histogram);
    return histogram;
  }
}
