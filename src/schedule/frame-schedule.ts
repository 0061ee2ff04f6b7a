/**
 * When the next frame of one connection is due. Pure arithmetic on times that the caller passes in.
 * The intended start of a frame never moves once it is known: a late server or generator makes the frame late, it
 * does not make it due later.
 */
export interface FrameSchedule {
  /** Intended start of the next frame in monotonic microseconds; Infinity while none is due. */
  readonly nextUs: number;
  /** The frame that was due at `nextUs` is on its way; turns to the one after it. */
  advance(): void;
  /** A frame is done, at `nowUs`, and its place in the window free. */
  completed(nowUs: number): void;
}
