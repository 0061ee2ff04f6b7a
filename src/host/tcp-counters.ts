import { readText, type ReadText } from './read-text.ts';

/** What this machine's kernel has counted of TCP since it started; null where it does not tell. */
export interface TcpCounters {
  /** Segments sent again, of all connections of this machine. */
  retransmits: number | null;
}

/**
 * Reads the counters now; what lies between two readings is what happened meanwhile, on all connections of the machine.
 * @default read the machine's own files
 * Source: proc(5), /proc/net/snmp; RFC 4022, tcpRetransSegs.
 */
export function tcpCounters(read: ReadText = readText): TcpCounters {
  const [heads = '', values = ''] = read('/proc/net/snmp')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'));
  const at = heads.split(' ').indexOf('RetransSegs');
  const value = at < 0 ? undefined : values.split(' ')[at];
  return { retransmits: value === undefined ? null : Number(value) };
}
