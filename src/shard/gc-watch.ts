import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** The pauses of one thread's garbage collection. */
export interface GcPauses {
  count: number;
  totalUs: number;
  longestUs: number;
}

/** Tells the pauses of the calling thread's heap, each once. */
export interface GcWatch {
  /** The pauses since the last taking. */
  take(): GcPauses;
  /** The loop came round so much later than planned. */
  late(us: number): void;
  /** Measures no more. */
  stop(): void;
}

/** Sees every pause of a thread whose loop is Node's own, which is what performance observers are told by. */
export class ObservedGcWatch implements GcWatch {
  #pauses: GcPauses = noPauses();
  readonly #observer: PerformanceObserver = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) addPause(this.#pauses, duration * 1000);
  });

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  take(): GcPauses {
    const pauses = this.#pauses;
    this.#pauses = noPauses();
    return pauses;
  }

  late(): void {}

  stop(): void {
    this.#observer.disconnect();
  }
}

/**
 * Sees the pauses that hold up a thread's own loop: it came round late, and the heap has shrunk since it was last looked
 * at. V8's own profiler would tell every pause, but in Node 20 one that was stopped goes on recording until the heap is
 * collected as a whole, which in a worker hardly ever happens: measured, a gigabyte in eight minutes.
 */
export class LateGcWatch implements GcWatch {
  #pauses: GcPauses = noPauses();
  readonly #readBytes: () => number;
  #bytes: number;

  /** @param readBytes how much of the heap is in use */
  constructor(readBytes: () => number = () => getHeapStatistics().used_heap_size) {
    this.#readBytes = readBytes;
    this.#bytes = readBytes();
  }

  take(): GcPauses {
    const pauses = this.#pauses;
    this.#pauses = noPauses();
    this.#bytes = this.#readBytes();
    return pauses;
  }

  late(us: number): void {
    const bytes = this.#readBytes();
    if (bytes < this.#bytes) addPause(this.#pauses, us);
    this.#bytes = bytes;
  }

  stop(): void {}
}

function addPause(pauses: GcPauses, us: number): void {
  pauses.count++;
  pauses.totalUs += us;
  pauses.longestUs = Math.max(pauses.longestUs, us);
}

function noPauses(): GcPauses {
  return { count: 0, totalUs: 0, longestUs: 0 };
}
