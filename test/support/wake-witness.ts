/**
 * A witness of how this machine treats programs that want little: it asks to be woken again and again and notes how
 * late that happens. What it finds is known without anything of the program under test.
 */
export class WakeWitness {
  #wakes: number = 0;
  #late: number = 0;
  #askedMs: number = performance.now();
  #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = this.#ask();
  }

  /** Whether as many wake-ups were late as would spoil a measurement of milliseconds. */
  stop(): 'quiet' | 'disturbed' {
    clearTimeout(this.#timer);
    return this.#late > LATE_SHARE_MAX * this.#wakes ? 'disturbed' : 'quiet';
  }

  #ask(): NodeJS.Timeout {
    this.#askedMs = performance.now();
    return setTimeout(() => this.#woken(), SLEEP_MS);
  }

  #woken(): void {
    this.#wakes++;
    if (performance.now() - this.#askedMs > SLEEP_MS + LATE_MS) this.#late++;
    this.#timer = this.#ask();
  }
}

const SLEEP_MS = 2;
/** Node's timers count in milliseconds. */
const LATE_MS = 2;
const LATE_SHARE_MAX = 0.02;
