import type { ConnectionAges } from '../measure/connection-ages.ts';
import { COUNTER } from '../measure/counters.ts';
import type { Meter } from '../measure/meter.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { InFlight } from './in-flight.ts';

export interface ReplyTimesOptions {
  meter: Meter;
  /** How old the connections are: response times go by the class of the connection's age. */
  ages: ConnectionAges;
  /** Where times of the warm-up go. */
  unmeasured: Recorder;
  measureFromUs: number;
}

/** Counts and times the answered frames of a cohort in one shard. */
export class ReplyTimes {
  readonly #meter: Meter;
  readonly #ages: ConnectionAges;
  readonly #service: Recorder;
  readonly #unmeasured: Recorder;
  readonly #measureFromUs: number;

  constructor({ meter, ages, unmeasured, measureFromUs }: ReplyTimesOptions) {
    this.#meter = meter;
    this.#ages = ages;
    this.#service = meter.recorder('service');
    this.#unmeasured = unmeasured;
    this.#measureFromUs = measureFromUs;
  }

  /** The frame `sequence`, which is still in flight, was answered at `nowUs`. */
  matched(inFlight: InFlight, sequence: number, nowUs: number): void {
    const { counters, responsesByAge } = this.#meter;
    const intendedUs = inFlight.intendedUs(sequence);
    const isMeasured = intendedUs >= this.#measureFromUs;
    counters[COUNTER.framesMatched]!++;
    if (!isMeasured) counters[COUNTER.framesMatchedInWarmup]!++;
    const response = responsesByAge[this.#ages.classOf(inFlight.slot)]!;
    (isMeasured ? response : this.#unmeasured).record(Math.round(nowUs - intendedUs));
    (isMeasured ? this.#service : this.#unmeasured).record(Math.round(nowUs - inFlight.sentUs(sequence)));
  }
}
