import { assert } from '../../base/assert.ts';
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_MOD, PR_SET_TIMERSLACK, epollEventWords } from './abi.ts';
import type { Libc } from './libc.ts';
import { errnoName } from './errno.ts';

/**
 * One epoll instance and the buffers of its calls. What a descriptor's events are tagged with is a slot and the
 * slot's generation, so that an event that was fetched before its slot was freed and used anew is recognised.
 */
export class Epoll {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #words: number;
  readonly #dataWord: number;
  readonly #events: Int32Array;
  readonly #change: Int32Array;
  readonly #changeAddress: number;
  /** A `struct timespec`: seconds and nanoseconds, 64 bits each, of which the low halves are enough. */
  readonly #timeout: Int32Array = new Int32Array(4);
  /** The waits hold their addresses, which would be new objects at each call (stream-buffers.ts). */
  #pwait2: (() => number) | null;
  readonly #waitWholeMs: (waitMs: number) => number;

  /** @throws {Error} when the kernel refuses an epoll instance, with the errno */
  constructor(libc: Libc, arch: string) {
    const { words, dataWord } = epollEventWords(arch);
    this.#libc = libc;
    this.#words = words;
    this.#dataWord = dataWord;
    this.#events = new Int32Array(words * EVENTS_A_WAIT_MAX);
    this.#change = new Int32Array(words);
    this.#changeAddress = addressOf(libc, this.#change);
    const fd = libc.epollCreate(EPOLL_CLOEXEC);
    if (fd < 0) throw new Error(`epoll_create1 failed with ${errnoName(libc.errno())}`);
    this.#fd = fd;
    const { epollPwait2, epollWait } = libc;
    const [events, timeout] = [addressOf(libc, this.#events), addressOf(libc, this.#timeout)];
    this.#pwait2 = epollPwait2 && (() => epollPwait2(fd, events, EVENTS_A_WAIT_MAX, timeout));
    this.#waitWholeMs = (waitMs) => epollWait(fd, events, EVENTS_A_WAIT_MAX, waitMs);
    // The kernel's default ends this thread's waits up to 50 us late, to gather wake-ups; pacing is ours to choose.
    libc.prctl(PR_SET_TIMERSLACK, 1);
  }

  add(fd: number, interest: number, tag: { slot: number; generation: number }): void {
    this.#control(EPOLL_CTL_ADD, fd, interest, tag);
  }

  modify(fd: number, interest: number, tag: { slot: number; generation: number }): void {
    this.#control(EPOLL_CTL_MOD, fd, interest, tag);
  }

  /** Waits at most `waitUs`; answers how many events there are, 0 also where a signal ended the wait. */
  wait(waitUs: number): number {
    const count = this.#pwait2 === null ? this.#waitMs(waitUs) : this.#waitPrecisely(this.#pwait2, waitUs);
    if (count >= 0) return count;
    const errno = errnoName(this.#libc.errno());
    if (errno === 'ENOSYS' || errno === 'EPERM') {
      // A kernel before 5.11, or a sandbox that knows only older calls.
      assert(this.#pwait2 !== null, 'epoll_wait is there');
      this.#pwait2 = null;
      return 0;
    }
    assert(errno === 'EINTR', `epoll_wait fails only when a signal interrupts it: ${errno}`);
    return 0;
  }

  flags(event: number): number {
    return this.#events[event * this.#words] as number;
  }

  slot(event: number): number {
    return this.#events[event * this.#words + this.#dataWord] as number;
  }

  generation(event: number): number {
    return this.#events[event * this.#words + this.#dataWord + 1] as number;
  }

  close(): void {
    this.#libc.close(this.#fd);
  }

  #waitPrecisely(pwait2: () => number, waitUs: number): number {
    this.#timeout[2] = Math.max(0, Math.round(Math.min(waitUs, WAIT_US_MAX) * 1000));
    return pwait2();
  }

  #waitMs(waitUs: number): number {
    return this.#waitWholeMs(Math.ceil(Math.max(0, waitUs) / 1000));
  }

  #control(operation: number, fd: number, interest: number, tag: { slot: number; generation: number }): void {
    this.#change[0] = interest;
    this.#change[this.#dataWord] = tag.slot;
    this.#change[this.#dataWord + 1] = tag.generation;
    const result = this.#libc.epollCtl(this.#fd, operation, fd, this.#changeAddress);
    assert(result === 0, 'epoll_ctl takes an open descriptor');
  }
}

function addressOf(libc: Libc, array: Int32Array): number {
  return libc.address(new Uint8Array(array.buffer));
}

/** Events that one wait fetches; further ones come with the next. */
const EVENTS_A_WAIT_MAX = 1024;
/** Below a second, so that the nanoseconds alone say it. */
const WAIT_US_MAX = 900_000;
