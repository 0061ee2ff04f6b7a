/** What is set on a socket before it dials. Null leaves the kernel's own value. */
export interface SocketOptions {
  /** Send small segments at once (TCP_NODELAY). */
  noDelay: boolean;
  /** SO_RCVBUF and SO_SNDBUF; the kernel doubles them for its own bookkeeping (socket(7)). */
  receiveBufferBytes: number | null;
  sendBufferBytes: number | null;
  /** Acknowledge at once instead of with the next data (TCP_QUICKACK). */
  quickAck: boolean | null;
  /** SO_LINGER at close: 0 sends RST instead of FIN. */
  lingerSeconds: number | null;
  keepAlive: KeepAlive | null;
  /** How long sent data may stay unacknowledged (TCP_USER_TIMEOUT). */
  userTimeoutMs: number | null;
  /** Congestion control algorithm, for example `cubic` (TCP_CONGESTION). */
  congestion: string | null;
  /** IP_TOS, or IPV6_TCLASS: 0 to 255. */
  typeOfService: number | null;
  /** Report writable only below so many unsent bytes (TCP_NOTSENT_LOWAT). */
  notSentLowWaterBytes: number | null;
}

/** Probes of an idle connection: after `idleSeconds`, every `intervalSeconds`, given up after `count` (tcp(7)). */
export interface KeepAlive {
  idleSeconds: number;
  intervalSeconds: number;
  count: number;
}

/** The kernel's own values, but small segments at once: what a run has that asks for nothing. */
export const DEFAULT_SOCKET_OPTIONS: Readonly<SocketOptions> = {
  noDelay: true,
  receiveBufferBytes: null,
  sendBufferBytes: null,
  quickAck: null,
  lingerSeconds: null,
  keepAlive: null,
  userTimeoutMs: null,
  congestion: null,
  typeOfService: null,
  notSentLowWaterBytes: null,
};
