import { assert } from '../base/assert.ts';

/**
 * The frames of one connection that were sent and await their reply, by sequence number. A ring of three doubles an
 * entry that grows to the most frames that ever were in flight; nothing is allocated per frame after that.
 *
 * Invariant: every sequence number below `oldest` is done, `oldest` itself is not (or nothing is in flight), and
 * `next` has not been sent.
 */
export class InFlight {
  #entries: Float64Array;
  /** Where in the entries this connection's begin. */
  #base: number;
  #mask: number = FIRST_CAPACITY - 1;
  #oldest: number;
  #next: number;
  #size: number = 0;

  /**
   * @param firstSequence number of the first frame. @default 0
   * @param room where the first entries lie: a shard's connections have theirs side by side. @default a room of its own
   */
  constructor(firstSequence: number = 0, room: InFlightRoom = { entries: newInFlightEntries(1), place: 0 }) {
    this.#oldest = firstSequence;
    this.#next = firstSequence;
    this.#entries = room.entries;
    this.slot = room.place;
    this.#base = room.place * FIRST_CAPACITY * FIELDS;
  }

  /** Frames that await their reply. */
  get size(): number {
    return this.#size;
  }

  /** The slot of the connection in its shard. */
  readonly slot: number;
  /** The highest sequence number that was answered, by which a reply is known for overtaken; -1 before the first. */
  highestMatched: number = -1;
  /** When a frame last came that nobody had asked for, where connections only listen; 0 before the first. */
  lastPushUs: number = 0;
  /** Sequence number of the last heartbeat; null before the first. */
  heartbeat: number | null = null;

  /** Frames of the load that await their reply: all but a heartbeat. */
  get loadSize(): number {
    return this.#size - (this.heartbeat !== null && this.has(this.heartbeat) ? 1 : 0);
  }

  /** Sequence number of the frame that waits longest; equals `next` when none waits. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Sequence number that the next frame gets. */
  get next(): number {
    return this.#next;
  }

  /** Notes a frame as sent. */
  push(intendedUs: number, sentUs: number, payloadBytes: number): void {
    if (this.#next - this.#oldest > this.#mask) this.#grow();
    const at = this.#base + (this.#next & this.#mask) * FIELDS;
    this.#entries[at] = intendedUs;
    this.#entries[at + 1] = sentUs;
    this.#entries[at + 2] = payloadBytes;
    this.#next++;
    this.#size++;
  }

  intendedUs(sequence: number): number {
    return this.#entries[this.#base + (sequence & this.#mask) * FIELDS] as number;
  }

  sentUs(sequence: number): number {
    return this.#entries[this.#base + (sequence & this.#mask) * FIELDS + 1] as number;
  }

  payloadBytes(sequence: number): number {
    return this.#entries[this.#base + (sequence & this.#mask) * FIELDS + 2] as number;
  }

  /** Whether a frame with this number was sent and not answered yet. */
  has(sequence: number): boolean {
    return sequence >= this.#oldest && sequence < this.#next && this.payloadBytes(sequence) !== DONE;
  }

  /** The full sequence number that is nearest to the oldest and has these low 32 bits. */
  fromUint32(low: number): number {
    return this.#oldest + ((low - this.#oldest) | 0);
  }

  /** Marks a frame as answered. */
  complete(sequence: number): void {
    assert(this.has(sequence), 'a completed frame was in flight');
    this.#size--;
    if (sequence === this.#oldest) this.#passOldest();
    else this.#entries[this.#base + (sequence & this.#mask) * FIELDS + 2] = DONE;
  }

  #passOldest(): void {
    do this.#oldest++;
    while (this.#oldest < this.#next && this.payloadBytes(this.#oldest) === DONE);
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const entries = new Float64Array(capacity * FIELDS);
    for (let sequence = this.#oldest; sequence < this.#next; sequence++) {
      const from = this.#base + (sequence & this.#mask) * FIELDS;
      entries.set(this.#entries.subarray(from, from + FIELDS), (sequence & (capacity - 1)) * FIELDS);
    }
    this.#entries = entries;
    this.#base = 0;
    this.#mask = capacity - 1;
  }
}

/** The first entries of many connections, and which of them are one's own. */
export interface InFlightRoom {
  entries: Float64Array;
  place: number;
}

/** Room for the first entries of so many connections. */
export function newInFlightEntries(connections: number): Float64Array {
  return new Float64Array(connections * FIRST_CAPACITY * FIELDS);
}

/** Intended start, send time, payload size. */
const FIELDS = 3;
/** In place of the size once a frame is answered. */
const DONE = -1;
const FIRST_CAPACITY = 2;
