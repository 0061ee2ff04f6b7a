/*
 * What a plan takes from the machine, by numbers that the check before a run and the doctor share: what the one
 * refuses the other has foretold.
 */

/** Descriptors that a run's process opens. */
export function descriptorsNeeded(connections: number, workers: number): number {
  return connections + OWN_DESCRIPTORS + workers * DESCRIPTORS_A_WORKER;
}

/**
 * What root types so that a process may open so many descriptors. The kernel refuses a hard limit beyond fs.nr_open.
 * @param nrOpen null where it is not known
 */
export function raiseDescriptors(needed: number, nrOpen: number | null): string {
  const raise = `\`ulimit -Hn ${needed}\``;
  return nrOpen !== null && needed > nrOpen ? `\`sysctl fs.nr_open=${needed}\` and then ${raise}` : raise;
}

/**
 * What root types so that the kernel has all the local ports that dials can have.
 * @param ports how many it has now
 * @returns null where it has them already
 */
export function widenPorts(ports: number): string | null {
  return ports < WIDEST_RANGE_PORTS ? '`sysctl net.ipv4.ip_local_port_range="1024 65535"`' : null;
}

/**
 * Connections that local ports allow at one time. A port serves once for each pair of source and target address;
 * dials beyond that fail with EADDRNOTAVAIL.
 * @param ports how many the kernel gives, see `ephemeralPorts`
 * @param addressPairs source addresses times target addresses
 * @param builtIn whether the target is the built-in one, which listens on a port of the same range
 */
export function connectionsByPorts(ports: number, addressPairs: number, builtIn: boolean): number {
  return Math.max(0, ports - TRIAL_PORTS - (builtIn ? LISTENER_PORTS : 0)) * addressPairs;
}

/** The trial dial's port to each address stays taken for a minute (TIME_WAIT). */
const TRIAL_PORTS = 1;
/** Dials from the listener's own address, which the kernel chooses for loopback, pass over its port. */
const LISTENER_PORTS = 1;
/** Standard streams, the run's files, libuv's own, the built-in target's pipes, with room to spare. */
const OWN_DESCRIPTORS = 64;
/** An epoll instance, an event descriptor and pipes for each worker's loop. */
const DESCRIPTORS_A_WORKER = 16;
/** 1024 to 65535: below these are ports that need permission. */
export const WIDEST_RANGE_PORTS = 64_512;
