import { readFileSync } from 'node:fs';

/**
 * The kernel's counters of one protocol in this network namespace, by name. Source: proc_net_netstat(5): lines come in
 * pairs, names before values.
 * @param {string} protocol for example TcpExt
 * @returns {Record<string, number>}
 */
export function kernelCounters(protocol) {
  const lines = readFileSync('/proc/self/net/netstat', 'utf8').split('\n');
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith(`${protocol}:`))
    .map((line) => line.split(' ').slice(1));
  return Object.fromEntries(names.map((name, index) => [name, Number(values[index])]));
}
