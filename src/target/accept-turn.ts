import { ACCEPT_TURN_MS_MAX } from './limits.ts';

/** A single dial now and then costs nobody a wait: the turn in which accepting has to go on before others are held. */
const HOLD_TURN = 2;

/** A connection that can be told to wait with its frames. */
export interface Holdable {
  release(): void;
}

/**
 * Lets waiting connections in, however busy the open ones are.
 *
 * libuv accepts one connection a turn of its loop (since 1.45), and a turn also serves every connection that has
 * something to say. With n busy connections a turn takes n times 7 us, so that n dials wait for n^2 / 2 times 7 us:
 * 3.5 s for 1000, all of which a generator would see as the target's response time.
 *
 * Method: while one turn after the other accepts, a connection is served once and then held, which makes the turns
 * short; as soon as a turn accepts nothing, or after ACCEPT_TURN_MS_MAX, all of them are released.
 * Invariant: nothing is held unless a check is scheduled that releases it.
 */
export class AcceptTurn {
  /** Whether connections are to be held after they have been served. */
  active: boolean = false;

  #held: Holdable[] = [];
  #acceptedInTurn: boolean = false;
  #turns: number = 0;
  #startMs: number = 0;

  /** A connection was accepted. */
  accepted(): void {
    this.#acceptedInTurn = true;
    if (this.#turns > 0) return;
    this.#turns = 1;
    setImmediate(() => this.#check());
  }

  /** Keeps `connection` until the turn is over; call only while the turn is active. */
  hold(connection: Holdable): void {
    this.#held.push(connection);
  }

  /** Runs at the end of each turn of the loop, after everything that was ready has been handled. */
  #check(): void {
    // The clock starts when everybody has been served once and held: from here on turns are short.
    if (this.#turns === HOLD_TURN + 1) this.#startMs = performance.now();
    const tooLong = this.#turns > HOLD_TURN + 1 && performance.now() - this.#startMs > ACCEPT_TURN_MS_MAX;
    if (!this.#acceptedInTurn || tooLong) return this.#end();
    this.#acceptedInTurn = false;
    this.#turns++;
    this.active = this.#turns >= HOLD_TURN;
    setImmediate(() => this.#check());
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
