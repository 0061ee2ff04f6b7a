/** A send that was cut by its connection's end, frame by frame. */
export interface CutSend {
  /** Bytes of the cut frame that the kernel took; 0 where the cut lies between two frames. */
  bytesAccepted: number;
  /** Bytes of the cut frame that it did not take. */
  bytesUnsent: number;
  /** Frames of the load behind the cut of which the kernel took nothing, and the bytes behind the cut. */
  framesNotBegun: number;
  bytesNotBegun: number;
}

/**
 * Finds the frame that a cut falls into.
 * @param frameEnds where each frame of the load in the send ends, ascending; a preface or a heartbeat is none
 * @param bytesAccepted bytes of the send that the kernel took, @param bytesUnsent those it did not
 */
export function cutFrame(frameEnds: readonly number[], bytesAccepted: number, bytesUnsent: number): CutSend {
  const sendBytes = bytesAccepted + bytesUnsent;
  const ends = frameEnds.length === 0 ? [sendBytes] : frameEnds;
  let start = 0;
  let frame = 0;
  while ((ends[frame] ?? sendBytes) <= bytesAccepted) start = ends[frame++] ?? sendBytes;
  const begun = bytesAccepted > start;
  const cutEnd = begun ? (ends[frame] ?? sendBytes) : start;
  return {
    bytesAccepted: bytesAccepted - start,
    bytesUnsent: cutEnd - bytesAccepted,
    framesNotBegun: frameEnds.length === 0 ? 0 : Math.max(0, ends.length - frame - (begun ? 1 : 0)),
    bytesNotBegun: sendBytes - cutEnd,
  };
}
