import type { FrameSchedule } from './frame-schedule.ts';

export interface OpenScheduleOptions {
  /** When the run's plan begins, common to all shards. */
  originUs: number;
  /** Frames a second over all connections. */
  totalRatePerSecond: number;
  /** This connection's number among all of the run's, and how many there are. */
  connection: number;
  connections: number;
  /** Frames due before this time are not this schedule's: the connection was not open yet. */
  fromUs: number;
}

/**
 * Open model with constant arrivals: the run's n-th frame is due at origin + n / R and belongs to connection
 * n mod N, so connection j sends at origin + (j + k N) / R, k = 0, 1, 2 ... Whatever way the connections are split
 * over shards, the arrivals of the parts are the arrivals of the whole.
 *
 * R: total rate (1/s), N: connections, times in microseconds.
 */
export class OpenSchedule implements FrameSchedule {
  readonly #firstUs: number;
  readonly #periodUs: number;
  #index: number;
  nextUs: number;

  constructor(options: OpenScheduleOptions) {
    const { originUs, totalRatePerSecond, connection, connections, fromUs } = options;
    this.#periodUs = (connections * 1e6) / totalRatePerSecond;
    this.#firstUs = originUs + (connection * 1e6) / totalRatePerSecond;
    this.#index = this.#countBefore(fromUs);
    this.nextUs = this.#dueUs(this.#index);
  }

  advance(): void {
    this.#index++;
    this.nextUs = this.#dueUs(this.#index);
  }

  /** The open model does not wait for replies. */
  completed(): void {}

  overdue(endUs: number): number {
    return Math.max(0, this.#countBefore(endUs) - this.#index);
  }

  /** How many frames are due before `atUs`; the quotient alone can be off by one where a due time is `atUs` itself. */
  #countBefore(atUs: number): number {
    let count = Math.max(0, Math.floor((atUs - this.#firstUs) / this.#periodUs));
    while (count > 0 && this.#dueUs(count - 1) >= atUs) count--;
    while (this.#dueUs(count) < atUs) count++;
    return count;
  }

  /** Multiplied afresh each time: adding up periods would add up their rounding. */
  #dueUs(index: number): number {
    return this.#firstUs + index * this.#periodUs;
  }
}
