import {
  addCounters,
  addCounterValues,
  counterValues,
  newCounters,
  type Counters,
} from '../../measure/counters.ts';
import { LatencyHistogram } from '../../measure/latency-histogram.ts';
import type { Metric } from '../../measure/metric.ts';
import type { HistogramStates, MeasuredState, RunFiguresState } from '../../store/checkpoint.ts';
import type { IntervalFigures, ObservedFigures, RunFacts } from './observed-figures.ts';

/**
 * The figures of a run from its first interval on, of the metrics that thresholds ask for. An invalid interval adds its
 * counts, since what happened in it did happen, but neither its times nor its throughput, which say nothing. Where the
 * whole of the measured time is invalid, or all samples of a metric, and the run stands all the same (it is too short to
 * be condemned, or its health is only reported), there is nothing better to judge by: then they count.
 */
export class RunFigures {
  readonly #counters: Counters = newCounters();
  #openMax: number = 0;
  #openAtEnd: number = 0;
  readonly #sound: MeasuredFigures;
  readonly #all: MeasuredFigures;

  constructor(metrics: Iterable<Metric>) {
    const list = [...metrics];
    this.#sound = new MeasuredFigures(list);
    this.#all = new MeasuredFigures(list);
  }

  add(interval: IntervalFigures): void {
    this.addCounters(interval.counters);
    this.#openMax = Math.max(this.#openMax, interval.openMax);
    this.#openAtEnd = interval.openAtEnd;
    this.#all.add(interval);
    if (interval.valid) this.#sound.add(interval);
  }

  /** Adds what was counted outside of any interval. */
  addCounters(counters: Counters): void {
    addCounters(this.#counters, counters);
  }

  /** All of it but what is open now, for whoever goes on with the run. */
  state(): RunFiguresState {
    return {
      counters: counterValues(this.#counters),
      openMax: this.#openMax,
      sound: this.#sound.state(),
      all: this.#all.state(),
    };
  }

  /** Adds what `state` gave of the part of the run before it broke off. */
  restore({ counters, openMax, sound, all }: RunFiguresState): void {
    addCounterValues(this.#counters, counters);
    this.#openMax = Math.max(this.#openMax, openMax);
    this.#sound.restore(sound);
    this.#all.restore(all);
  }

  /** @param run what the end of the run tells; null before it */
  observed(run: RunFacts | null): ObservedFigures {
    const figures = this.#sound.lengthUs > 0 ? this.#sound : this.#all;
    return {
      counters: this.#counters,
      histogram: (metric) => {
        const sound = figures.histograms.get(metric);
        return sound?.count === 0 ? this.#all.histograms.get(metric) : sound;
      },
      openMax: this.#openMax,
      openAtEnd: this.#openAtEnd,
      measured: { counters: figures.counters, seconds: figures.lengthUs / 1e6 },
      run,
    };
  }
}

/** Times of all phases, and what the measured one came to. */
class MeasuredFigures {
  readonly histograms: ReadonlyMap<Metric, LatencyHistogram>;
  readonly counters: Counters = newCounters();
  lengthUs: number = 0;

  constructor(metrics: readonly Metric[]) {
    this.histograms = new Map(metrics.map((metric) => [metric, new LatencyHistogram()]));
  }

  state(): MeasuredState {
    const histograms: HistogramStates = {};
    for (const [metric, histogram] of this.histograms) {
      const state = histogram.state();
      if (state !== null) histograms[metric] = state;
    }
    return { counters: counterValues(this.counters), lengthUs: this.lengthUs, histograms };
  }

  restore({ counters, lengthUs, histograms }: MeasuredState): void {
    addCounterValues(this.counters, counters);
    this.lengthUs += lengthUs;
    for (const [metric, histogram] of this.histograms) {
      const state = histograms[metric];
      if (state !== undefined) histogram.addState(state);
    }
  }

  add(interval: IntervalFigures): void {
    for (const [metric, histogram] of this.histograms) {
      const added = interval.histogram(metric);
      if (added !== undefined) histogram.merge(added);
    }
    if (interval.phase === 'measure') {
      addCounters(this.counters, interval.counters);
      this.lengthUs += interval.endUs - interval.startUs;
    }
  }
}
