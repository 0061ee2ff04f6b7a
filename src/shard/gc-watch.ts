import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { threadTimes } from '../host/thread-times.ts';

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
  /** The loop has come round at `nowUs`, so much later than planned; 0: in time. */
  turn(nowUs: number, lateUs: number): void;
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

  turn(): void {}

  stop(): void {
    this.#observer.disconnect();
  }
}

/** What tells a pause for garbage collection from other delays. */
export interface GcSources {
  /** How much of the heap is in use. */
  heapBytes: () => number;
  /** How long the thread has run on a processor, microseconds; null where the system does not tell. */
  cpuUs: () => number | null;
}

/**
 * Sees the pauses that hold up a thread's own loop: it came round late, and since it was last looked at the heap has
 * shrunk and the thread was on a processor for most of the time. A thread that was stopped, or whose processor others
 * used, was not; the two are read every 10 ms, some 10 us each time, since a reading behind the pause alone could not
 * tell what lay in it. V8's own profiler would tell every pause, but in Node 20 one that was stopped goes on recording
 * until the heap is collected as a whole, which in a worker hardly ever happens: measured, a gigabyte in eight minutes.
 */
export class LateGcWatch implements GcWatch {
  #pauses: GcPauses = noPauses();
  readonly #sources: GcSources;
  #readAtUs: number;
  #bytes: number;
  #cpuUs: number | null;

  /** @param nowUs when it begins, in the clock of `turn` */
  constructor(nowUs: number, sources: GcSources = OWN_THREAD) {
    this.#sources = sources;
    this.#readAtUs = nowUs;
    this.#bytes = sources.heapBytes();
    this.#cpuUs = sources.cpuUs();
  }

  take(): GcPauses {
    const pauses = this.#pauses;
    this.#pauses = noPauses();
    return pauses;
  }

  turn(nowUs: number, lateUs: number): void {
    const spanUs = nowUs - this.#readAtUs;
    if (lateUs <= 0 && spanUs < READ_EVERY_US) return;
    const bytes = this.#sources.heapBytes();
    const cpuUs = this.#sources.cpuUs();
    const ranUs = cpuUs === null || this.#cpuUs === null ? spanUs : cpuUs - this.#cpuUs;
    const collected = bytes < this.#bytes && ranUs >= spanUs * RAN_SHARE_MIN;
    if (lateUs > 0 && collected) addPause(this.#pauses, Math.min(lateUs, ranUs));
    this.#readAtUs = nowUs;
    this.#bytes = bytes;
    this.#cpuUs = cpuUs;
  }

  stop(): void {}
}

const OWN_THREAD: GcSources = {
  heapBytes: () => getHeapStatistics().used_heap_size,
  cpuUs: () => threadTimes()?.cpuUs ?? null,
};

/** A loop that is in time is looked at so often. */
const READ_EVERY_US = 10_000;
/** Collecting uses the processor, but may wait a while for helpers on other threads. */
const RAN_SHARE_MIN = 0.5;

function addPause(pauses: GcPauses, us: number): void {
  pauses.count++;
  pauses.totalUs += us;
  pauses.longestUs = Math.max(pauses.longestUs, us);
}

function noPauses(): GcPauses {
  return { count: 0, totalUs: 0, longestUs: 0 };
}
