import { pushStampAgeUs, pushStampEnd, type PushStamp } from '../framing/push-stamp.ts';

/** How the stamps of pushed frames are read, the same for all connections of a cohort in one shard. */
export interface PushRules {
  stamp: PushStamp;
  /** What the stamp's clock shows beyond the monotonic one, in microseconds. */
  clockOffsetUs: number;
}

/** Finds the stamp in a pushed frame, piece by piece; only one that is cut by a chunk's end is gathered. */
export class PushCheck {
  readonly #rules: PushRules;
  readonly #end: number;
  /** Where a cut stamp is gathered; made at the first cut. */
  #gathered: Uint8Array | null = null;
  /** The bytes that hold the stamp, and where; valid until the chunk that brought them has been read. */
  #bytes: Uint8Array | null = null;
  #at: number = 0;

  constructor(rules: PushRules) {
    this.#rules = rules;
    this.#end = pushStampEnd(rules.stamp);
  }

  /** Looks at payload bytes `bytes[start, end)`, which stand at `offset` of the frame. */
  piece(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (offset === 0) this.#bytes = null;
    const { stamp } = this.#rules;
    const pieceEnd = offset + end - start;
    if (offset >= this.#end || pieceEnd <= stamp.offset) return;
    if (offset <= stamp.offset && pieceEnd >= this.#end) {
      this.#bytes = bytes;
      this.#at = start + stamp.offset - offset;
      return;
    }
    this.#gathered ??= new Uint8Array(stamp.bytes);
    const last = Math.min(pieceEnd, this.#end);
    for (let place = Math.max(offset, stamp.offset); place < last; place++) {
      this.#gathered[place - stamp.offset] = bytes[start + place - offset] as number;
    }
    if (last < this.#end) return;
    this.#bytes = this.#gathered;
    this.#at = 0;
  }

  /** Whether the frame whose last piece has passed was long enough to hold a stamp. */
  get found(): boolean {
    return this.#bytes !== null;
  }

  /** How long the frame was on its way when it came at `nowUs`; negative where its stamp lies ahead. Only where `found`. */
  ageUs(nowUs: number): number {
    const { stamp, clockOffsetUs } = this.#rules;
    const bytes = this.#bytes ?? NO_BYTES;
    this.#bytes = null;
    return pushStampAgeUs(stamp, bytes, this.#at, nowUs + clockOffsetUs);
  }
}

const NO_BYTES = new Uint8Array(0);
