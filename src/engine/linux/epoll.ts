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
    if (fd < 0) throw new Error(`${errnoName(libc.errno())} from epoll_create1`);
    this.#fd = fd;
    const waitPrecisely = libc.epollPwait2;
    const [events, timeout] = [addressOf(libc, this.#events), addressOf(libc, this.#timeout)];
    this.#pwait2 = waitPrecisely && (() => waitPrecisely(fd, events, EVENTS_A_WAIT_MAX, timeout));
    this.#waitWholeMs = (waitMs) => libc.epollWait(fd, events, EVENTS_A_WAIT_MAX, waitMs);
    // The kernel's default ends this thread's waits up to 50 us late, to gather wake-ups; pacing is ours to choose.
    libc.prctl(PR_SET_TIMERSLACK, 1);
  }

  /** False where the kernel has no room for one more (fs.epoll.max_user_watches, memory); errno tells. */
  add(fd: number, interest: number, tag: { slot: number; generation: number }): boolean {
    return this.#control(EPOLL_CTL_ADD, fd, interest, tag);
  }

  modify(fd: number, interest: number, tag: { slot: number; generation: number }): void {
    assert(this.#control(EPOLL_CTL_MOD, fd, interest, tag), 'epoll_ctl changes what it was given');
  }

  /**
   * Waits at most `waitUs`; answers how many events there are, 0 also where a signal ended the wait.
   * @throws {Error} when the kernel refuses to wait, with the errno
   */
  wait(waitUs: number): number {
    const count = this.#pwait2 === null ? this.#waitMs(waitUs) : this.#waitPrecisely(this.#pwait2, waitUs);
    if (count >= 0) return count;
    const errno = errnoName(this.#libc.errno());
    if (errno === 'EINTR') return 0;
    // A kernel before 5.11, or a sandbox that knows only older calls.
    const older = this.#pwait2 !== null && (errno === 'ENOSYS' || errno === 'EPERM' || errno === 'EACCES');
    if (!older) throw new Error(`${errno} from epoll_wait`);
    this.#pwait2 = null;
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

  #control(
    operation: number,
    fd: number,
    interest: number,
    tag: { slot: number; generation: number },
  ): boolean {
    this.#change[0] = interest;
    this.#change[this.#dataWord] = tag.slot;
    this.#change[this.#dataWord + 1] = tag.generation;
    return this.#libc.epollCtl(this.#fd, operation, fd, this.#changeAddress) === 0;
  }
}

function addressOf(libc: Libc, array: Int32Array): number {
  return libc.address(new Uint8Array(array.buffer));
}

/** Events that one wait fetches; further ones come with the next. */
const EVENTS_A_WAIT_MAX = 1024;
/** Below a second, so that the nanoseconds alone say it. */
const WAIT_US_MAX = 900_000;
