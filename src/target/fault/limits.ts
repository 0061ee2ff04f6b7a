/** Endings that a fault's truth lists one by one; the sums cover all of them. */
export const ENDINGS_LISTED_MAX = 1000;

/** Freezes that a truth lists one by one; one that repeats goes on all the same. */
export const FREEZES_LISTED_MAX = 1000;

/** Faults that one target takes. */
export const FAULTS_MAX = 64;

/** Replies that a delaying fault may hold, a connection: beyond it the connection is not read until some have left. */
export const HELD_REPLY_BYTES_MAX: number = 4 * 1024 * 1024;

/**
 * Lateness of a step of `read-slowly`, `dribble` or `push` that those behind it make up for: more than timers and a busy loop
 * are late by, and too little for a burst that a client would notice.
 */
export const CATCH_UP_MS_MAX = 10;

/** How long a reply waits for the neighbour that it is to change places with. */
export const REORDER_HOLD_MS_MAX = 50;

/** How long `coalesce` holds replies behind which nothing more comes. */
export const COALESCE_HOLD_MS_MAX = 50;

/** Frames that `coalesce` gathers: what an accident of the keyboard asks for would never be sent. */
export const COALESCED_FRAMES_MAX = 65_536;

/** Connections accepted in one turn of the loop by a target that makes its own system calls. */
export const ACCEPTS_A_TURN_MAX = 16;

/**
 * How long a wait for dials may block its thread: a process that ends while it waits is held up for as long.
 */
export const DIAL_WAIT_MS_MAX = 100;

/** How long accepting rests after the system refused it, for want of descriptors above all. */
export const ACCEPT_RETRY_MS = 10;

/**
 * How long RST waits after half a frame. Where both are there when a client looks, libuv delivers the bytes and then an
 * end of stream in place of the reset, and no program on Node could tell what happened.
 */
export const RESET_PAUSE_MS = 20;

/** How long RST waits after a connection without unread bytes was sealed: its last acknowledgement goes out at once. */
export const SEAL_PAUSE_MS = 20;

/**
 * The same with unread bytes: the kernel then delays an acknowledgement of less than a whole segment even where quick
 * ones are asked for, by 200 ms at most (TCP_DELACK_MAX; Linux net/ipv4/tcp.c, __tcp_cleanup_rbuf).
 */
export const DELAYED_ACK_PAUSE_MS = 250;

/** Bytes of the time that `push:RATE,stamp` writes: u64be. */
export const STAMP_BYTES = 8;
