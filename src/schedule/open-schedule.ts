import { Random } from '../base/random.ts';
import type { FrameSchedule } from './frame-schedule.ts';
import type { RateCurve } from './rate-curve.ts';

/** How frames follow one another at a rate: evenly, or independently of each other. */
export type ArrivalKind = 'constant' | 'poisson';

export interface OpenScheduleOptions {
  /** When how many frames of the whole run are due. */
  curve: RateCurve;
  arrivals: ArrivalKind;
  /** Of the run; only Poisson arrivals draw from it. */
  seed: number;
  /** This connection's number among all of the run's, and how many there are. */
  connection: number;
  connections: number;
  /** Which of the seed's sequences Poisson arrivals are drawn from. @default that of the connection's number */
  stream?: number;
}

/**
 * Open model: when the frames of one connection are due, whatever becomes of them. Whatever way the connections are
 * split over shards, the arrivals of the parts are the arrivals of the whole. With L the curve's count of frames over
 * all of the N connections:
 *
 * - constant: the run's n-th frame is due where L = n and belongs to connection n mod N, so connection j sends where
 *   L = j + k N, k = 0, 1, 2 ...
 * - Poisson: connection j sends where L = N e, with e the sums of its own exponential numbers of mean 1. Each connection
 *   is a Poisson process of 1 / N of the rate, and all of them together are one of the whole rate.
 *   Source: D. Cox, P. Lewis, "The Statistical Analysis of Series of Events" (1966), 2.3: transformation of time.
 */
export class OpenSchedule implements FrameSchedule {
  readonly #curve: RateCurve;
  readonly #connections: number;
  readonly #first: number;
  /** Null: constant arrivals. */
  readonly #random: Random | null;
  /** k, or e. */
  #position: number;
  #segment: number = 0;
  nextUs: number = 0;

  constructor(options: OpenScheduleOptions) {
    const { curve, arrivals, seed, connection, connections, stream = connection } = options;
    this.#curve = curve;
    this.#connections = connections;
    const constant = arrivals === 'constant';
    this.#first = constant ? connection : 0;
    // Payload sizes are drawn from the stream of the connection's number.
    this.#random = constant ? null : new Random(seed, ~stream);
    this.#position = this.#random === null ? 0 : this.#random.exponential();
    this.#aim();
  }

  advance(): void {
    this.#position += this.#random === null ? 1 : this.#random.exponential();
    this.#aim();
  }

  /** The open model does not wait for replies. */
  completed(): void {}

  /** The curve was changed in the future: what is due behind the change is due at another time. */
  revise(): void {
    this.#segment = 0;
    this.#aim();
  }

  /** Turns past every frame that is due before `untilUs`; answers how many these are. */
  skipTo(untilUs: number): number {
    return this.#random === null ? this.#leapTo(untilUs) : this.#walkTo(untilUs, this.#random);
  }

  #walkTo(untilUs: number, random: Random): number {
    let frames = this.#drawTo(untilUs, random);
    for (; this.nextUs < untilUs; frames++) this.advance();
    return frames;
  }

  /**
   * A walk past many Poisson arrivals would hold up the loop. Where m of them are expected, their number is drawn: so
   * large a Poisson number is normal, with mean and variance m, and the next gap is exponential wherever one begins.
   */
  #drawTo(untilUs: number, random: Random): number {
    const ahead = this.#curve.countAt(untilUs) / this.#connections;
    const expected = ahead - this.#position;
    if (expected <= WALKED_FRAMES_MAX) return 0;
    this.#position = ahead + random.exponential();
    this.#aim();
    return 1 + Math.round(expected + Math.sqrt(expected) * random.normal());
  }

  /** The count alone can be off by one where a due time is `untilUs` itself. */
  #leapTo(untilUs: number): number {
    if (this.nextUs >= untilUs) return 0;
    const from = this.#position;
    const ahead = (this.#curve.countAt(untilUs) - this.#first) / this.#connections;
    this.#position = Math.max(from, Math.floor(ahead) - 1);
    this.#aim();
    while (this.#position > from && this.nextUs >= untilUs) {
      this.#position--;
      this.revise();
    }
    while (this.nextUs < untilUs) this.advance();
    return this.#position - from;
  }

  /** Multiplied afresh each time: adding up periods would add up their rounding. */
  #aim(): void {
    const count = this.#first + this.#position * this.#connections;
    this.#segment = this.#curve.segmentOf(count, this.#segment);
    this.nextUs = this.#curve.dueUs(count, this.#segment);
  }
}

/** So many arrivals are walked past in a few milliseconds. */
const WALKED_FRAMES_MAX = 100_000;
