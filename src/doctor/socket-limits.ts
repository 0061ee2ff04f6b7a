import type { DescriptorLimits } from '../host/host-facts.ts';
import type { ConntrackTable, KernelSettings, PortRange } from '../host/kernel-settings.ts';
import {
  connectionsByPorts,
  descriptorsNeeded,
  raiseDescriptors,
  widenPorts,
  WIDEST_RANGE_PORTS,
} from '../host/plan-needs.ts';
import { BACKLOG_DEFAULT } from '../target/limits.ts';
import { judged, type Finding, type PlanNeeds } from './finding.ts';

/** Whether the process may open as many files as the plan has connections. */
export function descriptorFinding(
  needs: PlanNeeds,
  { soft }: DescriptorLimits,
  nrOpen: number | null,
): Finding {
  const needed = descriptorsNeeded(needs.connections, needs.workers);
  const quantities = { limit: 'descriptors', needed, available: soft, unit: 'count' } as const;
  if (soft === null) return { ...quantities, verdict: 'unknown', advice: null };
  if (needed <= soft) return judged(quantities, null);
  const raise = `type ${raiseDescriptors(needed, nrOpen)} as root before the run (or raise LimitNOFILE)`;
  return judged(quantities, orFewer(raise, soft - (needed - needs.connections)));
}

/** A way out, beside that of fewer connections where some are left. */
function orFewer(way: string, connections: number): string {
  return connections < 1
    ? `${way}: as it is, this machine cannot carry one connection`
    : `${way}, or take -c ${connections}`;
}

/**
 * Whether the kernel has a local port for each connection; null where none is needed. It looks at every second port
 * of the range first, so that from half the range on each dial begins by passing over all of these.
 * Measured: 25,000 dials a second on the first half of 28,232 ports, 1,000 on the second.
 * Source: Linux net/ipv4/inet_hashtables.c, __inet_hash_connect.
 */
export function portFinding(needs: PlanNeeds, range: PortRange | null): Finding | null {
  const pairs = pairsOf(needs);
  if (pairs === 0) return null;
  const needed = needs.connections;
  if (range === null) {
    return { limit: 'ports', needed, available: null, unit: 'count', verdict: 'unknown', advice: null };
  }
  const available = connectionsByPorts(range.count, pairs, needs.place.builtIn);
  const quantities = { limit: 'ports', needed, available, unit: 'count' } as const;
  if (needed > available) return judged(quantities, portAdvice(needs, range, available));
  if (needed <= (range.count * pairs) / 2) return judged(quantities, null);
  return judged(quantities, null, tightPortAdvice(range));
}

function pairsOf({ place, sourceAddresses }: PlanNeeds): number {
  return place.tcpAddresses * sourceAddresses;
}

function portAdvice(needs: PlanNeeds, { count }: PortRange, available: number): string {
  const { connections, place, sourceAddresses } = needs;
  const widen = widenPorts(count);
  if (widen !== null && connections <= connectionsByPorts(WIDEST_RANGE_PORTS, pairsOf(needs), place.builtIn))
    return orFewer(`type ${widen} as root`, available);
  const more = place.builtIn
    ? `the built-in target has one address: dial from ${addressesFor(connections, true)} (--source-ip)`
    : `give the target ${addressesFor(connections / sourceAddresses, false)} addresses`;
  return orFewer(widen === null ? more : `${more} and type ${widen} as root`, available);
}

/** How many addresses must have all ports for so many connections. */
function addressesFor(connections: number, builtIn: boolean): number {
  return Math.ceil(connections / connectionsByPorts(WIDEST_RANGE_PORTS, 1, builtIn));
}

function tightPortAdvice({ count }: PortRange): string {
  const slow = 'beyond half the ports each dial takes about a millisecond of system time';
  const widen = widenPorts(count);
  return widen === null ? `${slow}, and there are no more ports to give` : `${slow}: type ${widen} as root`;
}

/**
 * Whether the firewall's table has a place for each connection; null where nothing is tracked or no TCP is spoken.
 * An empty table is most likely one that no rule uses.
 */
export function conntrackFinding(needs: PlanNeeds, table: ConntrackTable | null): Finding | null {
  if (table === null || needs.place.tcpAddresses === 0) return null;
  const { max, count } = table;
  const needed = needs.connections;
  const quantities = { limit: 'conntrack', needed, available: max - count, unit: 'count' } as const;
  if (needed <= max - count) return judged(quantities, null);
  const type = `type \`sysctl net.netfilter.nf_conntrack_max=${nextPowerOfTwo(needed + count)}\` as root`;
  if (count === 0)
    return judged(quantities, null, `nothing is tracked now; if a firewall rule does it: ${type}`);
  return judged(quantities, `a full table drops every further SYN: ${type}`);
}

/**
 * Whether the built-in target's accept queue holds all dials in progress; null for other targets, whose backlog is
 * not known here. A queue of length N holds N + 1; a SYN beyond it is dropped, and repeated after a second.
 */
export function acceptQueueFinding(needs: PlanNeeds, { somaxconn }: KernelSettings): Finding | null {
  if (!needs.place.builtIn || somaxconn === null) return null;
  const needed = needs.concurrentDials;
  const available = Math.min(BACKLOG_DEFAULT, somaxconn) + 1;
  const quantities = { limit: 'accept queue', needed, available, unit: 'count' } as const;
  if (needed <= available) return judged(quantities, null);
  const widened =
    needed <= BACKLOG_DEFAULT + 1 ? `type \`sysctl net.core.somaxconn=${BACKLOG_DEFAULT}\` as root, or ` : '';
  return judged(
    quantities,
    `dials beyond it wait a second or more: ${widened}take --connect-concurrency ${available}`,
  );
}

function nextPowerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}
