/** Worker threads of one run: beyond the cores of any one machine a load generator is bought as. */
export const WORKERS_MAX = 64;

/** Connections of one run: what a single machine's memory carries at some hundred bytes a connection. */
export const CONNECTIONS_MAX = 10_000_000;

/** Frames in flight on one connection; each holds a place in the connection's match queue. */
export const WINDOW_MAX = 65_536;

/** Bytes of a preface in either direction: a greeting, not a transfer. */
export const PREFACE_BYTES_MAX: number = 64 * 1024;

/** Characters of a label, which becomes part of a directory's name. */
export const LABEL_LENGTH_MAX = 100;

/**
 * Bytes of a unix socket's path; sun_path has 108, one of which ends it.
 * Source: unix(7), "Address format".
 */
export const UNIX_PATH_BYTES_MAX = 107;

/**
 * Bytes of one protocol name in ALPN.
 * Source: RFC 7301, section 3.1.
 */
export const ALPN_NAME_BYTES_MAX = 255;
