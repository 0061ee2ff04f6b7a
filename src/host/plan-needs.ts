/*
 * What a plan takes from the machine, by numbers that the check before a run and the doctor share: what the one
 * refuses the other has foretold.
 */

/** Descriptors that a run's process opens. */
export function descriptorsNeeded(connections: number, workers: number): number {
  return connections + OWN_DESCRIPTORS + workers * DESCRIPTORS_A_WORKER;
}

/**
 * Connections that local ports allow at one time. A port serves once for each pair of source and target address;
 * dials beyond that fail with EADDRNOTAVAIL.
 * @param ports how many the kernel gives, see `ephemeralPorts`
 * @param addressPairs source addresses times target addresses
 */
export function connectionsByPorts(ports: number, addressPairs: number): number {
  return Math.max(0, ports - TRIAL_PORTS) * addressPairs;
}

/** The trial dial's port to each address stays taken for a minute (TIME_WAIT). */
const TRIAL_PORTS = 1;
/** Standard streams, the run's files, libuv's own, the built-in target's pipes, with room to spare. */
const OWN_DESCRIPTORS = 64;
/** An epoll instance, an event descriptor and pipes for each worker's loop. */
const DESCRIPTORS_A_WORKER = 16;
