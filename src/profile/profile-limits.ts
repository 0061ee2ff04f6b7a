/** Worker threads of one run: beyond the cores of any one machine a load generator is bought as. */
export const WORKERS_MAX = 64;

/** Connections of one run: what a single machine's memory carries at some hundred bytes a connection. */
export const CONNECTIONS_MAX = 10_000_000;

/** Stages of one run: more than anyone writes by hand, and few enough to be looked through at its start. */
export const STAGES_MAX = 1000;

/** Thresholds of one run: each is looked at once an interval. */
export const THRESHOLDS_MAX = 1000;

/** Sliding window of a threshold, in microseconds: an hour, whose intervals are kept in memory. */
export const THRESHOLD_WINDOW_US_MAX = 3_600_000_000;

/** Frames in flight on one connection; each holds a place in the connection's match queue. */
export const WINDOW_MAX = 65_536;

/** Bytes of a preface in either direction: a greeting, not a transfer. */
export const PREFACE_BYTES_MAX: number = 64 * 1024;

/** Local addresses that one run dials from: enough for as many connections as memory carries. */
export const SOURCE_IPS_MAX = 65_536;

/**
 * Bytes asked for a socket's buffer, or for its low-water mark: the most that the kernel can double in an int.
 * Source: linux/net/core/sock.c, __sock_set_rcvbuf.
 */
export const SOCKET_BUFFER_BYTES_MAX: number = 2 ** 30;

/**
 * Seconds of SO_LINGER, an int.
 * Source: socket(7), struct linger.
 */
export const SO_LINGER_SECONDS_MAX: number = 2 ** 31 - 1;

/**
 * Idle time and interval of keepalive, in seconds.
 * Source: linux/include/net/tcp.h, MAX_TCP_KEEPIDLE and MAX_TCP_KEEPINTVL.
 */
export const KEEPALIVE_SECONDS_MAX = 32_767;

/**
 * Probes of keepalive that may stay unanswered.
 * Source: linux/include/net/tcp.h, MAX_TCP_KEEPCNT.
 */
export const KEEPALIVE_PROBES_MAX = 127;

/**
 * Milliseconds of TCP_USER_TIMEOUT, which the kernel takes as a positive int.
 * Source: linux/net/ipv4/tcp.c, do_tcp_setsockopt.
 */
export const USER_TIMEOUT_MS_MAX: number = 2 ** 31 - 1;

/**
 * Characters of a congestion control's name.
 * Source: linux/include/net/tcp.h, TCP_CA_NAME_MAX, one of which ends it.
 */
export const CONGESTION_NAME_LENGTH_MAX = 15;

/** Room for a run's directory: no disk is larger. */
export const RECORD_BYTES_MAX: number = 2 ** 50;

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

/** Cohorts of one run: each has histograms of its own in every worker. */
export const COHORTS_MAX = 32;

/** Characters of a cohort's name, which heads rows of tables. */
export const COHORT_NAME_LENGTH_MAX = 40;
