/*
 * When the kernel repeats the SYN of a dial that nobody answers. A listener whose queue is full drops SYNs without a
 * word, so a dial can only succeed at one of these times: dial latencies beyond the first second are a comb.
 *
 * The first wait is 1 s (TCP_TIMEOUT_INIT, RFC 6298 section 2.1). The timer doubles its wait only from the repeat
 * after the linear ones on, so with L linear timeouts and R retries the waits are L + 1 times 1 s, then 2, 4, 8 ... s,
 * never more than 120 s (TCP_RTO_MAX). Each time that the timer fires it repeats the SYN or ends the dial in ETIMEDOUT:
 * after L + R repeats, and before that once the dial has lasted as long as R repeats without linear ones would,
 * 2^(R + 1) - 1 s. With few retries the second comes first: with R = 1 and L = 4 the dial ends at 3 s, after two repeats.
 * Timers of the kernel fire up to an eighth late, so what is measured lies a little after.
 *
 * Source: Linux net/ipv4/tcp_timer.c (tcp_write_timeout, retransmits_timed_out, tcp_model_timeout,
 * tcp_retransmit_timer), include/net/tcp.h.
 */

/** When a dial without an answer sends, and when it ends, in seconds from its start. */
export interface SynSchedule {
  /** The first SYN, at 0, and each repeat. */
  sentAtSeconds: number[];
  /** When the dial ends in ETIMEDOUT. */
  timeoutSeconds: number;
}

/**
 * The schedule of a kernel's settings.
 * @param retries net.ipv4.tcp_syn_retries
 * @param linearTimeouts net.ipv4.tcp_syn_linear_timeouts; 0 where the kernel has no such setting
 * @example synSchedule(1, 0) // { sentAtSeconds: [0, 1], timeoutSeconds: 3 }
 */
export function synSchedule(retries: number, linearTimeouts: number): SynSchedule {
  const sentAtSeconds = [0];
  const boundSeconds = exponentialSeconds(retries);
  let waitSeconds = FIRST_WAIT_SECONDS;
  let atSeconds = waitSeconds;
  for (let repeat = 1; repeat <= retries + linearTimeouts && atSeconds < boundSeconds; repeat++) {
    sentAtSeconds.push(atSeconds);
    if (repeat > linearTimeouts) waitSeconds = Math.min(waitSeconds * 2, LONGEST_WAIT_SECONDS);
    atSeconds += waitSeconds;
  }
  return { sentAtSeconds, timeoutSeconds: atSeconds };
}

/** How long a dial lasts with so many repeats, each wait twice the one before: 2^(R + 1) - 1 s up to the longest wait. */
function exponentialSeconds(retries: number): number {
  let seconds = 0;
  for (let wait = 0; wait <= retries; wait++) {
    seconds += Math.min(FIRST_WAIT_SECONDS * 2 ** wait, LONGEST_WAIT_SECONDS);
  }
  return seconds;
}

/**
 * The least tcp_syn_retries with which an unanswered dial lasts for `seconds`; null where even the most that can be
 * set are too few.
 */
export function retriesFor(seconds: number, linearTimeouts: number): number | null {
  for (let retries = 1; retries <= SYN_RETRIES_MAX; retries++) {
    if (synSchedule(retries, linearTimeouts).timeoutSeconds >= seconds) return retries;
  }
  return null;
}

const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 120;
/** The most that can be set. Source: Linux include/net/tcp.h, MAX_TCP_SYNCNT. */
const SYN_RETRIES_MAX = 127;
