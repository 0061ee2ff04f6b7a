import {
  CQE,
  IORING_ENTER_GETEVENTS,
  IORING_FEAT_SINGLE_MMAP,
  IORING_OFF_RINGS,
  IORING_OFF_SQES,
  IORING_SETUP_DEFER_TASKRUN,
  IORING_SETUP_SINGLE_ISSUER,
  RING_PARAMS,
  SQE,
} from './abi.ts';
import { errnoName } from './errno.ts';
import type { Libc } from './libc.ts';
import { NativeBuffer } from './native-buffer.ts';

/** Why there is no ring here, in a few words. */
export interface RingMissing {
  missing: string;
}

/** A system call of the ring, without its descriptor and, of a send, its length. */
export interface RingEntry {
  opcode: number;
  address: number;
  length: number;
  flags: number;
}

/**
 * An io_uring instance whose entries are written once and then submitted by their number as often as one likes. Only
 * the thread that made it may use it. No entry may be submitted twice in one run.
 */
export class Ring {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #mappings: readonly Mapping[];
  /** Both queues: heads, tails, the numbers of submitted entries, and the results. */
  readonly #queues: Int32Array;
  readonly #entries: Int32Array;
  readonly #at: QueuePlaces;
  /** What each entry's call answered in the last run: as the system call does, but the errno, negative, in place of -1. */
  readonly results: Int32Array;
  #tail: number = 0;
  #queued: number = 0;

  private constructor(libc: Libc, fd: number, params: Int32Array, mappings: readonly [Mapping, Mapping]) {
    const [queues, entries] = mappings.map(
      ({ address, length }) => new Int32Array(libc.view(address, length)),
    );
    this.#libc = libc;
    this.#fd = fd;
    this.#mappings = mappings;
    this.#queues = queues as Int32Array;
    this.#entries = entries as Int32Array;
    this.#at = queuePlaces(params, this.#queues);
    this.results = new Int32Array(params[RING_PARAMS.submitEntries] as number);
  }

  /**
   * Makes a ring of `entries` entries, a power of two. Needs Linux 6.1; many containers forbid it.
   * Source: io_uring_setup(2).
   */
  static open(libc: Libc, entries: number): Ring | RingMissing {
    const buffer = new NativeBuffer(libc, RING_PARAMS.words * 4);
    const params = new Int32Array(buffer.bytes.buffer);
    params[RING_PARAMS.flags] = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    const fd = libc.ringSetup(entries, buffer.address);
    if (fd < 0) return { missing: refusal(errnoName(libc.errno()), 'io_uring_setup') };
    const mappings = mapRing(libc, fd, params);
    const missing = mappings === null ? refusal(errnoName(libc.errno()), 'mmap') : refusedEnter(libc, fd);
    if (mappings !== null && missing === null) return new Ring(libc, fd, params, mappings);
    libc.close(fd);
    for (const { address, length } of mappings ?? []) libc.munmap(address, length);
    return { missing: missing ?? '' };
  }

  /** Writes an entry for all its submissions. */
  prepare(entry: number, { opcode, address, length, flags }: RingEntry): void {
    const at = entry * SQE.words;
    this.#entries.fill(0, at, at + SQE.words);
    this.#entries[at + SQE.opcode] = opcode;
    this.#entries[at + SQE.address] = address | 0;
    this.#entries[at + SQE.address + 1] = Math.floor(address / 2 ** 32);
    this.#entries[at + SQE.length] = length;
    this.#entries[at + SQE.flags] = flags;
    this.#entries[at + SQE.userData] = entry;
  }

  /** Queues an entry for the next run. */
  queue(entry: number, fd: number): void {
    this.#entries[entry * SQE.words + SQE.fd] = fd;
    this.#queues[this.#at.submitted + (this.#tail & this.#at.submitMask)] = entry;
    this.#tail = (this.#tail + 1) | 0;
    this.#queued++;
  }

  /** Queues an entry for the next run that is about `length` bytes. */
  queueWithLength(entry: number, fd: number, length: number): void {
    this.#entries[entry * SQE.words + SQE.length] = length;
    this.queue(entry, fd);
  }

  /**
   * Makes the calls that are queued and waits until all are done.
   * @throws {Error} when the kernel refuses to go on, with the errno
   */
  run(): void {
    const count = this.#queued;
    if (count === 0) return;
    this.#queued = 0;
    const { results } = this;
    const queues = this.#queues;
    const { resultHead, resultTail, resultMask, results: resultsAt } = this.#at;
    queues[this.#at.submitTail] = this.#tail;
    const taken = this.#libc.ringEnter(this.#fd, count, count, IORING_ENTER_GETEVENTS);
    const head = queues[resultHead] as number;
    if (taken !== count || (((queues[resultTail] as number) - head) | 0) !== count)
      this.#runOn(count, taken, head);
    for (let result = 0; result < count; result++) {
      const at = resultsAt + ((head + result) & resultMask) * CQE.words;
      results[queues[at + CQE.userData] as number] = queues[at + CQE.result] as number;
    }
    queues[resultHead] = (head + count) | 0;
  }

  close(): void {
    this.#libc.close(this.#fd);
    for (const { address, length } of this.#mappings) this.#libc.munmap(address, length);
  }

  /** A signal, or want of memory, ended the call before everything was submitted and done. */
  #runOn(count: number, firstTaken: number, head: number): void {
    let left = count - Math.max(0, firstTaken);
    let refusals = firstTaken < 0 ? 1 : 0;
    for (;;) {
      const done = ((this.#queues[this.#at.resultTail] as number) - head) | 0;
      if (left === 0 && done === count) return;
      const taken = this.#libc.ringEnter(this.#fd, left, count - done, IORING_ENTER_GETEVENTS);
      if (taken >= 0) left -= taken;
      else if (++refusals > REFUSALS_MAX)
        throw new Error(`${errnoName(this.#libc.errno())} from io_uring_enter`);
    }
  }
}

/** Why this machine has no ring, in a few words; null where it has. */
export function whyNoRing(libc: Libc): string | null {
  const ring = Ring.open(libc, 2);
  if (!(ring instanceof Ring)) return ring.missing;
  ring.close();
  return null;
}

interface Mapping {
  address: number;
  length: number;
}

/** Where the fields of both queues lie, in words, and the masks of their indices. */
interface QueuePlaces {
  submitTail: number;
  submitted: number;
  submitMask: number;
  resultHead: number;
  resultTail: number;
  results: number;
  resultMask: number;
}

function queuePlaces(params: Int32Array, queues: Int32Array): QueuePlaces {
  const word = (field: number): number => (params[field] as number) >>> 2;
  return {
    submitTail: word(RING_PARAMS.submitTail),
    submitted: word(RING_PARAMS.submitted),
    submitMask: queues[word(RING_PARAMS.submitMask)] as number,
    resultHead: word(RING_PARAMS.resultHead),
    resultTail: word(RING_PARAMS.resultTail),
    results: word(RING_PARAMS.results),
    resultMask: queues[word(RING_PARAMS.resultMask)] as number,
  };
}

/** The memory of the queues and that of the entries; null where the kernel has none. */
function mapRing(libc: Libc, fd: number, params: Int32Array): [Mapping, Mapping] | null {
  const bytes = (field: number): number => params[field] as number;
  const { submitted, submitEntries, results, resultEntries, features } = RING_PARAMS;
  if ((bytes(features) & IORING_FEAT_SINGLE_MMAP) === 0) return null;
  const queues = map(libc, fd, {
    length: Math.max(
      bytes(submitted) + bytes(submitEntries) * 4,
      bytes(results) + bytes(resultEntries) * CQE.words * 4,
    ),
    offset: IORING_OFF_RINGS,
  });
  if (queues === null) return null;
  const entries = map(libc, fd, { length: bytes(submitEntries) * SQE.words * 4, offset: IORING_OFF_SQES });
  if (entries !== null) return [queues, entries];
  libc.munmap(queues.address, queues.length);
  return null;
}

function map(libc: Libc, fd: number, { length, offset }: { length: number; offset: number }): Mapping | null {
  const address = libc.mapShared(length, fd, offset);
  return address === -1 ? null : { address, length };
}

/** A sandbox may know the setup and refuse the rest. */
function refusedEnter(libc: Libc, fd: number): string | null {
  return libc.ringEnter(fd, 0, 0, 0) >= 0 ? null : refusal(errnoName(libc.errno()), 'io_uring_enter');
}

function refusal(errno: string, syscall: string): string {
  return `${errno} from ${syscall}`;
}

/** So often in a row may the kernel be short of memory before a run is given up. */
const REFUSALS_MAX = 1000;
