import type { CountName, FaultSpec } from './fault.ts';
import { FAULT_CATALOGUE } from './catalogue.ts';
import { ENDINGS_LISTED_MAX } from './limits.ts';

/** How a fault ended or stopped one connection, and at which byte. */
export interface FaultEnding {
  /** Number of the connection in the order of accept, with TLS of finished handshakes, from 0. */
  connection: number;
  how: 'fin' | 'reset' | 'stopped';
  /** Bytes that the target had read. */
  readBytes: number;
  /** Bytes that the kernel held unread at that moment, or at the end where reading stopped; null: not known. */
  unreadBytes: number | null;
  /** Bytes that the target had written. */
  sentBytes: number;
}

/** What a fault really did. */
export interface FaultTruth {
  /** As the user wrote it. */
  fault: string;
  /** Connections that it was laid on. */
  connections: number;
  counts: Partial<Record<CountName, number>>;
  /** The first ENDINGS_LISTED_MAX of them; the counts cover all. */
  endings: FaultEnding[];
  /** When it was in force, in milliseconds since the target's start; null: until the target's end. */
  intervals: { startMs: number; endMs: number | null }[];
}

/** Keeps the truth of one fault. */
export class FaultBook {
  readonly spec: FaultSpec;
  connections: number = 0;
  readonly intervals: FaultTruth['intervals'] = [];
  readonly #counts: FaultTruth['counts'];
  readonly #endings: FaultEnding[] = [];

  constructor(spec: FaultSpec) {
    this.spec = spec;
    const names = FAULT_CATALOGUE[spec.fault.name].counts;
    this.#counts = Object.fromEntries(names.map((name) => [name, 0]));
  }

  add(name: CountName, by: number = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + by;
  }

  /** A reply left `ms` later than it would have. */
  delayed(ms: number): void {
    this.add('framesDelayed');
    this.add('delayMsTotal', ms);
    this.#counts.delayMsMax = Math.max(this.#counts.delayMsMax ?? 0, ms);
  }

  ended(ending: FaultEnding): void {
    this.add(ENDING_COUNT[ending.how]);
    this.add('readBytes', ending.readBytes);
    this.add('unreadBytes', ending.unreadBytes ?? 0);
    this.add('sentBytes', ending.sentBytes);
    if (this.#endings.length < ENDINGS_LISTED_MAX) this.#endings.push(ending);
  }

  /** A copy, with times cut to the microsecond. */
  truth(): FaultTruth {
    const counts = { ...this.#counts };
    for (const name of ['delayMsTotal', 'delayMsMax'] as const) {
      if (counts[name] !== undefined) counts[name] = Math.round(counts[name] * 1000) / 1000;
    }
    return {
      fault: this.spec.text,
      connections: this.connections,
      counts,
      endings: structuredClone(this.#endings),
      intervals: structuredClone(this.intervals),
    };
  }
}

const ENDING_COUNT = { fin: 'fins', reset: 'resets', stopped: 'stopped' } as const;
