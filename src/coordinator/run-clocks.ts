import type { ClockWatch } from '../host/clock-watch.ts';
import type { ClockEvent } from '../store/run-event.ts';
import type { MergedInterval } from './interval-merger.ts';

export interface RunClocksOptions {
  watch: Pick<ClockWatch, 'take'>;
  /** For how long after a sleep its consequences may show: connections that died in it are found out that late. */
  aftermathUs: number;
  /** Of the part of the run before it broke off. @default none */
  before?: readonly ClockEvent[];
  /** Keeps an event with the run. @default it is only in `events` */
  record?: (event: ClockEvent) => void;
}

/**
 * Notices where the machine slept and where its wall clock was set, by comparing the clocks whenever an interval has
 * ended. A run's own time is the one in which the machine is awake, so its times stay true; but what a sleep did to
 * the connections is not the target's, so the interval in which it fell is marked, and those after it until its
 * consequences are over.
 */
export class RunClocks {
  readonly #options: RunClocksOptions;
  readonly #events: ClockEvent[];
  #slept: { us: number; untilUs: number } = { us: 0, untilUs: -Infinity };
  #more: number = 0;

  constructor(options: RunClocksOptions) {
    this.#options = options;
    this.#events = [...(options.before ?? [])];
  }

  /** In order. */
  get events(): readonly ClockEvent[] {
    return this.#events;
  }

  /** How many more there were than are kept. */
  get more(): number {
    return this.#more;
  }

  /** Looks at the clocks at the end of `interval`, and marks it where a sleep or its consequences fall into it. */
  mark(interval: MergedInterval): void {
    const { watch, aftermathUs } = this.#options;
    const { sleptUs, wallSetUs } = watch.take();
    const atSeconds = Math.round(interval.endUs) / 1e6;
    if (sleptUs > 0) {
      this.#slept = { us: sleptUs, untilUs: interval.endUs + aftermathUs };
      this.#keep({ atSeconds, clock: 'slept', seconds: toSeconds(sleptUs) });
    }
    if (wallSetUs !== 0) this.#keep({ atSeconds, clock: 'set', seconds: toSeconds(wallSetUs) });
    if (interval.startUs < this.#slept.untilUs) interval.sleptUs = this.#slept.us;
  }

  #keep(event: ClockEvent): void {
    if (this.#events.length >= CLOCK_EVENTS_MAX) {
      this.#more++;
      return;
    }
    this.#events.push(event);
    this.#options.record?.(event);
  }
}

/** By how much the wall clock has got ahead of a run's own time through sleep and through being set. */
export function wallAheadSeconds(events: readonly ClockEvent[]): number {
  return events.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** To the hundredth, which is as exact as the clocks are. */
function toSeconds(us: number): number {
  return Math.round(us / 10_000) / 100;
}

/** Further ones are counted: a wall clock that is set every second would fill the directory. */
const CLOCK_EVENTS_MAX = 1000;
