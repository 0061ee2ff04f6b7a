import type { Clock } from '../base/clock.ts';
import { ACCEPT_TURN_MS_MAX } from './limits.ts';

/** A connection that can be told to wait with its frames. */
export interface Holdable {
  release(): void;
}

/**
 * Lets waiting connections in, however busy the open ones are.
 *
 * libuv accepts one connection a turn of its loop (since 1.45), and a turn also serves every connection that has
 * something to say. With n busy connections a turn takes n times 7 us, so that n dials wait for n^2 / 2 times 7 us:
 * 3.5 s for 1000 of them, all of which a generator would see as the target's response time.
 *
 * Method: from the turn after one that accepted, a connection is served once and then held, which makes the turns
 * short; as soon as a turn accepts nothing, or after ACCEPT_TURN_MS_MAX of short turns, all of them are released. A
 * single dial makes nobody wait: those who were served in the turn after it are released at that turn's end.
 * Invariant: nothing is held unless a check is scheduled that releases it.
 */
export class AcceptTurn {
  /** Whether connections are to be held after they have been served. */
  active: boolean = false;

  readonly #clock: Clock;
  #held: Holdable[] = [];
  #acceptedInTurn: boolean = false;
  /** Turns in a row, the current one included, since one that accepted; 0 while nobody dials. */
  #turns: number = 0;
  #startUs: number = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A connection was accepted. */
  accepted(): void {
    this.#acceptedInTurn = true;
    if (this.#turns > 0) return;
    this.#turns = 1;
    setImmediate(() => this.#check());
  }

  /** Keeps `connection` until the others are in; call only while `active`. */
  hold(connection: Holdable): void {
    this.#held.push(connection);
  }

  /** Runs at the end of each turn of the loop, after everything that was ready has been handled. */
  #check(): void {
    if (!this.#acceptedInTurn || this.#tookTooLong()) return this.#end();
    this.#acceptedInTurn = false;
    this.#turns++;
    this.active = true;
    setImmediate(() => this.#check());
  }

  /** The time starts with the end of the first active turn, when everybody has been served once and is held. */
  #tookTooLong(): boolean {
    if (this.#turns <= 2) {
      this.#startUs = this.#clock.nowUs();
      return false;
    }
    return this.#clock.nowUs() - this.#startUs > ACCEPT_TURN_MS_MAX * 1000;
  }

  #end(): void {
    this.active = false;
    this.#acceptedInTurn = false;
    this.#turns = 0;
    const held = this.#held;
    this.#held = [];
    for (const connection of held) connection.release();
  }
}
