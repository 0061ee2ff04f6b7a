import { assert } from '../base/assert.ts';

/** A time over which the count of connections goes in a straight line from what it was to this one; no time: it jumps. */
export interface ConnectionStage {
  durationUs: number;
  connections: number;
}

export interface ConnectionPlanOptions {
  /** Connections that are due at the start. */
  connections: number;
  stages: readonly ConnectionStage[];
  shard: number;
  shards: number;
}

/**
 * Which of a shard's connections are to be up by when, where their count goes in straight lines.
 *
 * Connection n (0, 1, 2 ...) is to be up while c(t) > n, with c the planned count over all shards. So connections come
 * in the order of their numbers and the highest goes first, and the k-th of a ramp up comes when it began for k = 0,
 * as with a dial rate. In a segment that begins at t0 with c(t0) = v0 and changes by s = dc/dt,
 *
 *   connection n comes (s > 0), or goes (s < 0), at t0 + (n - v0) / s
 *
 * Connection n belongs to shard n mod S, so the parts of any split add up to the whole.
 *
 * Invariant: `planned` is the shard's part of c after all changes before `nextUs`. Times are in microseconds since the
 * run's start.
 */
export class ConnectionPlan {
  readonly #shard: number;
  readonly #shards: number;
  #segments: Segment[];
  #segment: number = 0;
  #planned: number;
  /** When `planned` changes by one; Infinity where it stays. */
  nextUs: number = Infinity;
  /** Whether that is a connection more, or the highest one less. */
  next: 'up' | 'down' = 'up';
  /** Whether others change at the same time, so that nothing paces them but what is in progress. */
  jumps: boolean = false;

  constructor({ connections, stages, shard, shards }: ConnectionPlanOptions) {
    this.#shard = shard;
    this.#shards = shards;
    this.#segments = segmentsOf(connections, stages);
    this.#planned = this.#ownOf(connections);
    this.#aim();
  }

  get planned(): number {
    return this.#planned;
  }

  /** The change that was due at `nextUs` is made; turns to the one after it. */
  advance(): void {
    assert(this.nextUs !== Infinity, 'a change was due');
    this.#planned += this.next === 'up' ? 1 : -1;
    this.#aim();
  }

  /** From `atUs` on `connections` are to be up, all changes at once; what was planned for later is dropped. */
  changeAt(atUs: number, connections: number): void {
    this.#segments = [{ startUs: atUs, endUs: atUs, from: 0, to: connections }];
    this.#segment = 0;
    this.#aim();
  }

  #aim(): void {
    for (; this.#segment < this.#segments.length; this.#segment++) {
      const segment = this.#segments[this.#segment] as Segment;
      const { from, to, startUs, endUs } = segment;
      const target = this.#ownOf(to);
      if (target === this.#planned) continue;
      this.next = target > this.#planned ? 'up' : 'down';
      this.jumps = startUs === endUs;
      const number = (this.next === 'up' ? this.#planned : this.#planned - 1) * this.#shards + this.#shard;
      this.nextUs = this.jumps ? startUs : startUs + ((number - from) / (to - from)) * (endUs - startUs);
      return;
    }
    this.nextUs = Infinity;
  }

  /** How many of `connections` are this shard's. */
  #ownOf(connections: number): number {
    return Math.max(0, Math.ceil((connections - this.#shard) / this.#shards));
  }
}

/** A straight line from one whole count to another. */
interface Segment {
  startUs: number;
  endUs: number;
  from: number;
  to: number;
}

function segmentsOf(connections: number, stages: readonly ConnectionStage[]): Segment[] {
  let startUs = 0;
  let from = connections;
  return stages.map(({ durationUs, connections: to }) => {
    const segment = { startUs, endUs: startUs + durationUs, from, to };
    startUs = segment.endUs;
    from = to;
    return segment;
  });
}
