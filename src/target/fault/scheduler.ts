import type { Clock } from '../../base/clock.ts';

interface Entry {
  dueUs: number;
  /** Entries of one due time run in the order in which they came. */
  order: number;
  run: () => void;
}

/**
 * Everything that a target does later, on one timer: a binary heap by due time. Nothing runs before its time, and with
 * an idle loop within a millisecond after it.
 *
 * Node's timers count whole milliseconds from the loop's own, cut-off time, so that one can fire up to a millisecond
 * early; the timer is then set again for what is left.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #heap: Entry[] = [];
  #order: number = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerUs: number = Infinity;
  #suspendedUntilUs: number = -Infinity;
  #closed: boolean = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `run` at `dueUs`, or soon where that has passed; never from inside this call. */
  at(dueUs: number, run: () => void): void {
    if (this.#closed) return;
    this.#push({ dueUs, order: this.#order++, run });
    this.#arm();
  }

  /** Lets nothing run before `untilUs`; what falls due until then runs afterwards, in order. */
  suspend(untilUs: number): void {
    this.#suspendedUntilUs = Math.max(this.#suspendedUntilUs, untilUs);
    this.#disarm();
    this.#arm();
  }

  /** Forgets everything that was to come. */
  close(): void {
    this.#closed = true;
    this.#heap.length = 0;
    this.#disarm();
  }

  #arm(): void {
    const head = this.#heap[0];
    if (head === undefined) return;
    const dueUs = Math.max(head.dueUs, this.#suspendedUntilUs);
    if (dueUs >= this.#timerUs) return;
    this.#disarm();
    const waitMs = Math.ceil((dueUs - this.#clock.nowUs()) / 1000);
    this.#timerUs = dueUs;
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.max(waitMs, 1), TIMER_MS_MAX));
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerUs = Infinity;
  }

  #fire(): void {
    this.#disarm();
    const nowUs = this.#clock.nowUs();
    while (nowUs >= this.#suspendedUntilUs) {
      const head = this.#heap[0];
      if (head === undefined || head.dueUs > nowUs) break;
      this.#pop();
      head.run();
    }
    this.#arm();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const child = this.#earlierChild(at);
      if (child === null || !isBefore(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  }

  #earlierChild(at: number): number | null {
    const left = 2 * at + 1;
    const heap = this.#heap;
    if (left >= heap.length) return null;
    const right = left + 1;
    return right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry) ? right : left;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.order < b.order);
}

/** The longest that a timer of Node waits; a longer one would fire at once. Source: Node.js, "Timers", setTimeout. */
const TIMER_MS_MAX = 2_147_483_647;
