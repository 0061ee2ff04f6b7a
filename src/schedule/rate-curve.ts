import { assert } from '../base/assert.ts';

/**
 * How many frames a plan wants by when, where the rate goes in straight lines: a constant, ramps, steps, and changes
 * that are asked for while the run is on.
 *
 * L(t) = the integral of the rate r from the origin to t is the count of frames that are due before t. The frame of
 * number x is due at the end of the time in which L is at most x: where L(t) = x, or where a rate of 0 that begins
 * there ends. Within a segment that begins at t0 with L(t0) = L0 and r(t0) = r0, and with s its change of rate,
 *
 *   L(t) = L0 + r0 (t - t0) + s (t - t0)^2 / 2
 *   t    = t0 + 2 d / (r0 + sqrt(r0^2 + 2 s d)),  d = x - L0
 *
 * (the form of the quadratic's root that does not cancel where s is small). Counts are frames over all connections,
 * r in 1/s, s in 1/s^2, times in microseconds. All shards of a run make the same curve from the same numbers, so that
 * their arrivals add up to the whole's.
 *
 * Invariant: segments begin one after the other, `counts` never falls, and the last one has a constant rate and no end.
 */
export class RateCurve {
  readonly #startUs: number[] = [];
  /** L at each segment's start. */
  readonly #counts: number[] = [];
  readonly #ratePerSecond: number[] = [];
  /** Change of the rate, in 1/s a second. */
  readonly #slope: number[] = [];

  constructor({ originUs, ratePerSecond, stages }: RateCurveOptions) {
    let atUs = originUs;
    let count = 0;
    let rate = ratePerSecond;
    for (const stage of stages) {
      const seconds = stage.durationUs / 1e6;
      if (seconds > 0) {
        this.#push(atUs, count, rate, (stage.ratePerSecond - rate) / seconds);
        count += ((rate + stage.ratePerSecond) / 2) * seconds;
        atUs += stage.durationUs;
      }
      rate = stage.ratePerSecond;
    }
    this.#push(atUs, count, rate, 0);
  }

  /**
   * From `atUs` on, the rate is constant: what was planned for the time after that is dropped, what was due before it
   * is not touched. Every shard must be told the same time; schedules that stand on this curve must `revise`.
   */
  changeAt(atUs: number, ratePerSecond: number): void {
    const fromUs = Math.max(atUs, this.#startUs[0] as number);
    const count = this.countAt(fromUs);
    while (this.#startUs.length > 0 && (this.#startUs.at(-1) as number) >= fromUs) this.#pop();
    this.#push(fromUs, count, ratePerSecond, 0);
  }

  /** L at `atUs`: how many frames are due before it, with the fraction of the next one. */
  countAt(atUs: number): number {
    const segment = this.#segmentAt(atUs);
    const seconds = (atUs - (this.#startUs[segment] as number)) / 1e6;
    if (seconds <= 0) return this.#counts[segment] as number;
    const rate = this.#ratePerSecond[segment] as number;
    return (
      (this.#counts[segment] as number) + (rate + ((this.#slope[segment] as number) * seconds) / 2) * seconds
    );
  }

  /** Frames a second over all connections at `atUs`; 0 before the origin. */
  ratePerSecondAt(atUs: number): number {
    if (atUs < (this.#startUs[0] as number)) return 0;
    const segment = this.#segmentAt(atUs);
    const seconds = (atUs - (this.#startUs[segment] as number)) / 1e6;
    return (this.#ratePerSecond[segment] as number) + (this.#slope[segment] as number) * seconds;
  }

  /**
   * The segment in which frame number `count` is due.
   * @param from a segment not behind it, from which the search goes on: that of the frame before, so that walking along
   *   the curve costs a comparison a frame
   */
  segmentOf(count: number, from: number): number {
    let segment = from;
    while (segment + 1 < this.#counts.length && (this.#counts[segment + 1] as number) <= count) segment++;
    return segment;
  }

  /** When frame number `count`, which need not be whole, is due; Infinity where the rate stays at 0 before it. */
  dueUs(count: number, segment: number): number {
    const frames = count - (this.#counts[segment] as number);
    const rate = this.#ratePerSecond[segment] as number;
    const slope = this.#slope[segment] as number;
    const startUs = this.#startUs[segment] as number;
    if (slope === 0) return rate === 0 ? Infinity : startUs + (frames * 1e6) / rate;
    if (frames <= 0) return startUs;
    return startUs + (2e6 * frames) / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * slope * frames)));
  }

  #segmentAt(atUs: number): number {
    let segment = this.#startUs.length - 1;
    while (segment > 0 && (this.#startUs[segment] as number) > atUs) segment--;
    return segment;
  }

  #push(startUs: number, count: number, ratePerSecond: number, slope: number): void {
    assert(ratePerSecond >= 0, 'a rate is not below zero');
    this.#startUs.push(startUs);
    this.#counts.push(count);
    this.#ratePerSecond.push(ratePerSecond);
    this.#slope.push(slope);
  }

  #pop(): void {
    this.#startUs.pop();
    this.#counts.pop();
    this.#ratePerSecond.pop();
    this.#slope.pop();
  }
}

export interface RateCurveOptions {
  /** When the run's plan begins, common to all shards. */
  originUs: number;
  /** Frames a second over all connections at the origin. */
  ratePerSecond: number;
  /** What follows, one after the other; the last one's rate has no end. */
  stages: readonly RateStage[];
}

/** A time over which the rate goes in a straight line from what it was to this one; no time: it jumps. */
export interface RateStage {
  durationUs: number;
  ratePerSecond: number;
}
