import { readText, type ReadText } from './read-text.ts';

/** The kernel's settings that bound a load generator, or a target beside it; null: this system does not tell. */
export interface KernelSettings {
  /** fs.nr_open: what a hard descriptor limit can be raised to at most. Source: proc_sys_fs(5). */
  nrOpen: number | null;
  localPorts: PortRange | null;
  /** 0: never, 1: everywhere, 2: on loopback a port in TIME_WAIT may serve a new dial. Source: ip-sysctl. */
  tcpTwReuse: number | null;
  /** Caps every listener's accept queue. Source: listen(2). */
  somaxconn: number | null;
  /** Handshakes that a listener remembers at one time. Source: tcp(7). */
  tcpMaxSynBacklog: number | null;
  tcpSynRetries: number | null;
  /** SYN repeats a second apart before the exponential ones; null before Linux 6.5, which has none. */
  tcpSynLinearTimeouts: number | null;
  tcpReadBuffer: BufferSizes | null;
  tcpWriteBuffer: BufferSizes | null;
  /** Null where connections are not tracked. */
  conntrack: ConntrackTable | null;
}

/** Local ports of dials, both ends included. Source: ip(7), ip_local_port_range. */
export interface PortRange {
  first: number;
  last: number;
  count: number;
}

/** What a socket's buffer is at least, at first and at most. Source: tcp(7), tcp_rmem and tcp_wmem. */
export interface BufferSizes {
  minBytes: number;
  defaultBytes: number;
  maxBytes: number;
}

/** The table of connections that a firewall follows. Source: kernel documentation, nf_conntrack-sysctl. */
export interface ConntrackTable {
  max: number;
  count: number;
}

/**
 * What the kernel is set to now.
 * @default read the machine's own files
 */
export function kernelSettings(read: ReadText = readText): KernelSettings {
  const numbers = (name: string): number[] => numbersIn(read(`/proc/sys/${name}`));
  const number = (name: string): number | null => numbers(name)[0] ?? null;
  return {
    nrOpen: number('fs/nr_open'),
    localPorts: portRange(numbers('net/ipv4/ip_local_port_range')),
    tcpTwReuse: number('net/ipv4/tcp_tw_reuse'),
    somaxconn: number('net/core/somaxconn'),
    tcpMaxSynBacklog: number('net/ipv4/tcp_max_syn_backlog'),
    tcpSynRetries: number('net/ipv4/tcp_syn_retries'),
    tcpSynLinearTimeouts: number('net/ipv4/tcp_syn_linear_timeouts'),
    tcpReadBuffer: bufferSizes(numbers('net/ipv4/tcp_rmem')),
    tcpWriteBuffer: bufferSizes(numbers('net/ipv4/tcp_wmem')),
    conntrack: conntrackTable(
      number('net/netfilter/nf_conntrack_max'),
      number('net/netfilter/nf_conntrack_count'),
    ),
  };
}

/** None where the text holds anything but whole numbers: half a setting is as good as no setting. */
function numbersIn(text: string): number[] {
  return /^\d+(?:\s+\d+)*\s*$/.test(text) ? text.trim().split(/\s+/).map(Number) : [];
}

function portRange([first, last]: number[]): PortRange | null {
  if (first === undefined || last === undefined) return null;
  return { first, last, count: last - first + 1 };
}

function bufferSizes([minBytes, defaultBytes, maxBytes]: number[]): BufferSizes | null {
  if (minBytes === undefined || defaultBytes === undefined || maxBytes === undefined) return null;
  return { minBytes, defaultBytes, maxBytes };
}

function conntrackTable(max: number | null, count: number | null): ConntrackTable | null {
  return max === null || count === null ? null : { max, count };
}
