/**
 * The control words that the coordinator writes and a shard reads once a loop. They are shared memory because a
 * shard's loop may block in the kernel, where no message reaches it.
 */
export class Control {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  get command(): ControlCommand {
    return COMMANDS[Atomics.load(this.#words, 0)] ?? 'run';
  }

  set command(command: ControlCommand) {
    Atomics.store(this.#words, 0, COMMANDS.indexOf(command));
  }
}

/** `drain`: send nothing new, wait for what is owed, close. */
export type ControlCommand = 'run' | 'drain';

const COMMANDS: readonly ControlCommand[] = ['run', 'drain'];

/** Memory for one shard's control words. */
export function newControlBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}
