import { cpuPressureUs } from '../../src/host/cpu-pressure.ts';

/**
 * A witness of how this machine treats programs that want little: it asks to be woken again and again and notes how
 * late that happens, and how much of the time anybody had to wait for a processor. What it finds is known without
 * anything of the program under test.
 */
export class WakeWitness {
  #wakes: number = 0;
  #late: number = 0;
  #askedMs: number = performance.now();
  #timer: NodeJS.Timeout;
  readonly #startedMs: number = performance.now();
  readonly #pressureUs: number | null = cpuPressureUs();

  constructor() {
    this.#timer = this.#ask();
  }

  /** Whether as much was late, or had to wait, as may spoil a measurement of milliseconds. */
  stop(): 'quiet' | 'disturbed' {
    clearTimeout(this.#timer);
    const waitedUs = (cpuPressureUs() ?? 0) - (this.#pressureUs ?? 0);
    const pressure = waitedUs / 1000 / (performance.now() - this.#startedMs);
    const late = this.#late / Math.max(1, this.#wakes);
    return late > LATE_SHARE_OF_WAKES || pressure > PRESSURE_SHARE ? 'disturbed' : 'quiet';
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
const LATE_SHARE_OF_WAKES = 0.02;
/** A light load alone, and a target beside it, make others wait for a fraction of this. */
const PRESSURE_SHARE = 0.25;
