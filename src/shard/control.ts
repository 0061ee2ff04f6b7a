/**
 * The control words that the coordinator writes and a shard reads once a loop. They are shared memory because a
 * shard's loop may block in the kernel, where no message reaches it.
 *
 * Beside one command they hold the changes that were asked for while the run is on: a ring in which the coordinator
 * writes an entry, then counts it, and from which each shard takes what was counted since its last look. All shards get
 * the same entries with the same times.
 */
export class Control {
  readonly #words: Int32Array;
  readonly #changes: Float64Array;
  #taken: number = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#changes = new Float64Array(buffer, WORDS * Int32Array.BYTES_PER_ELEMENT);
  }

  get command(): ControlCommand {
    return COMMANDS[Atomics.load(this.#words, COMMAND)] ?? 'run';
  }

  set command(command: ControlCommand) {
    Atomics.store(this.#words, COMMAND, COMMANDS.indexOf(command));
  }

  /** Adds a change; its time should be far enough ahead for every shard to have read it by then. */
  change({ kind, cohort, atUs, value }: LiveChange): void {
    const count = Atomics.load(this.#words, COUNT);
    const at = (count % CHANGES_HELD_MAX) * CHANGE_NUMBERS;
    this.#changes.set([CHANGE_KINDS.indexOf(kind), cohort, atUs, value], at);
    Atomics.store(this.#words, COUNT, count + 1);
  }

  /** The next change that this reader has not taken; null where there is none. */
  peek(): LiveChange | null {
    if (Atomics.load(this.#words, COUNT) === this.#taken) return null;
    const at = (this.#taken % CHANGES_HELD_MAX) * CHANGE_NUMBERS;
    const [kind = 0, cohort = 0, atUs = 0, value = 0] = this.#changes.subarray(at, at + CHANGE_NUMBERS);
    return { kind: CHANGE_KINDS[kind] ?? 'rate', cohort, atUs, value };
  }

  /** The change that `peek` showed is made. */
  take(): void {
    this.#taken++;
  }
}

/** `drain`: send nothing new, wait for what is owed, close. */
export type ControlCommand = 'run' | 'drain';

const COMMANDS: readonly ControlCommand[] = ['run', 'drain'];

/** Something that is to be different from a time on. */
export interface LiveChange {
  /**
   * - `rate`: `value` frames a second over all of the cohort's connections, 0 in a pause (open model)
   * - `connections`: `value` connections over all shards
   * - `hold`: no new frames while `value` is 1 (closed model)
   */
  kind: ChangeKind;
  /** Which of the run's cohorts, by its place in the plan. */
  cohort: number;
  /** Monotonic microseconds, the same for every shard. */
  atUs: number;
  value: number;
}

export type ChangeKind = 'rate' | 'connections' | 'hold';

const CHANGE_KINDS: readonly ChangeKind[] = ['rate', 'connections', 'hold'];

/** Memory for one shard's control words. */
export function newControlBuffer(): SharedArrayBuffer {
  const words = WORDS * Int32Array.BYTES_PER_ELEMENT;
  return new SharedArrayBuffer(words + CHANGES_HELD_MAX * CHANGE_NUMBERS * Float64Array.BYTES_PER_ELEMENT);
}

/** Changes between two looks of a shard: more than a user types while a loop is held up. */
const CHANGES_HELD_MAX = 1024;
const CHANGE_NUMBERS = 4;
const WORDS = 2;
const COMMAND = 0;
const COUNT = 1;
