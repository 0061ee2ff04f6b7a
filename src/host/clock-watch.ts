import { monotonicClock } from '../base/clock.ts';
import { readText, type ReadText } from './read-text.ts';

/*
 * A run is timed by CLOCK_MONOTONIC, which stands still while the machine sleeps and knows nothing of the wall clock.
 * CLOCK_BOOTTIME counts sleep: where it gets ahead of the monotonic clock, the machine slept. Adjustments of the clock's
 * speed (adjtime, NTP) move all three alike, so where the wall clock leaves the boot clock somebody has set it.
 * Source: clock_gettime(2); proc_uptime(5) is made of the boot clock (kernel, fs/proc/uptime.c).
 */

/** What the clocks show at one moment, in microseconds. */
export interface ClockReading {
  monotonicUs: number;
  /** Time since boot, sleep included; null where the system does not tell. */
  bootUs: number | null;
  wallUs: number;
}

/** What the clocks did between two readings beyond going on. */
export interface ClockShift {
  sleptUs: number;
  /**
   * By how much the wall clock was set forward; back where it is negative. Where the system does not tell the time
   * since boot, sleep is in here.
   */
  wallSetUs: number;
}

/** Compares the machine's clocks again and again. */
export class ClockWatch {
  readonly #read: () => ClockReading | null;
  #last: ClockReading | null;

  /** @param read null: the clocks could not be read at one moment. @default those of this machine */
  constructor(read: () => ClockReading | null = machineClocks()) {
    this.#read = read;
    this.#last = read();
  }

  /** Since the taking before; shifts that are no longer than the clocks are exact count as none. */
  take(): ClockShift {
    const now = this.#read();
    const before = this.#last;
    // What happened meanwhile shows in the next reading.
    if (now === null) return { sleptUs: 0, wallSetUs: 0 };
    this.#last = now;
    if (before === null) return { sleptUs: 0, wallSetUs: 0 };
    const awakeUs = now.monotonicUs - before.monotonicUs;
    const isKnown = now.bootUs !== null && before.bootUs !== null;
    const passedUs = isKnown ? now.bootUs! - before.bootUs! : awakeUs;
    return {
      sleptUs: beyondNoise(passedUs - awakeUs, 0),
      wallSetUs: beyondNoise(now.wallUs - before.wallUs - passedUs, -Infinity),
    };
  }
}

/** Reads this machine's clocks. */
export function machineClocks(read: ReadText = readText): () => ClockReading | null {
  const clock = monotonicClock();
  return () => {
    for (let attempt = 0; attempt < READINGS_MAX; attempt++) {
      const monotonicUs = clock.nowUs();
      const bootUs = uptimeUs(read);
      const wallUs = Date.now() * 1000;
      // Whatever holds the thread up between two of the readings would pass for a shift.
      if (clock.nowUs() - monotonicUs <= READING_US_MAX) return { monotonicUs, bootUs, wallUs };
    }
    return null;
  };
}

function uptimeUs(read: ReadText): number | null {
  const [, seconds] = /^(\d+\.\d+) /.exec(read('/proc/uptime')) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1e6;
}

function beyondNoise(us: number, min: number): number {
  return Math.abs(us) < SHIFT_US_MIN ? 0 : Math.max(min, us);
}

/** The time since boot comes in hundredths of a second, and a reading takes up to `READING_US_MAX`. */
const SHIFT_US_MIN = 100_000;
const READING_US_MAX = 20_000;
/** A reading that was held up is made again so often. */
const READINGS_MAX = 3;
