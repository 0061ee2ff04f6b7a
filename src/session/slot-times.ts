/**
 * Times that frames are held against, kept outside of the sessions: `slotTimes[slot * SLOT_TIMES + ...]`. A time that is
 * a field of an object is an object of its own, far from the others; these lie in one line of the processor's cache.
 */
export const SLOT_TIMES = 8;
/** When the target last gave a sign of life: connected, sent something, or took what had been stalled. */
export const LAST_LIFE = 0;
/** Since when neither a stall nor a full window holds frames back: what waited for that is not our lateness. */
export const FREE_SINCE = 1;
/** Until when the connection's next frame waits, by its 'pace' deadline; 0 where none is set. */
export const PACED_TO = 3;
/** Frames with an intended start at or behind this time are not part of the connection's plan. */
export const SENDING_END = 4;
/** Since when a part of a send waits in the engine; 0 where none does. */
export const STALLED_SINCE = 5;
/** Where the closed model's schedule of a single frame keeps when that is due. */
export const NEXT_DUE = 6;
/** When the connection's current phase began: its dial, its handshake, its preface. */
export const PHASE_START = 2;
