/**
 * Replies that wait for a client which does not read them, a connection: reading pauses once the kernel has refused
 * bytes and more than this waits. What is held can exceed it by the chunk that was being echoed (64 KiB, libuv's
 * read size) and by as much again that the stream had read before it stopped.
 */
export const PENDING_REPLY_BYTES_MAX = 65_536;

/**
 * How long a refused connection (oversize, malformed, wrong preface) is read on after the target's FIN. Closing at
 * once with bytes unread would send RST, which makes the client's kernel drop replies that it had already received.
 * Source: RFC 9112 section 9.6, which asks the same of HTTP servers.
 */
export const LINGER_MS_MAX = 1000;

/** How long a client may take for its TLS handshake; then its connection is closed. */
export const HANDSHAKE_MS_MAX = 10_000;

/** Connections that the kernel may hold ready for accept; it lowers this to net.core.somaxconn. */
export const BACKLOG_DEFAULT = 4096;

/** The most that listen(2) takes as a backlog without wrapping in older kernels: 16 bits. */
export const BACKLOG_MAX = 65_535;

/** How long open connections may be held while others are let in; see accept-turn.ts. */
export const ACCEPT_TURN_MS_MAX = 20;
