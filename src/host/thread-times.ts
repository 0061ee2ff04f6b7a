import { readText, type ReadText } from './read-text.ts';

/** What the scheduler gave one thread since it began, in microseconds. */
export interface ThreadTimes {
  /** Time on a processor, in the kernel and outside of it. */
  cpuUs: number;
  /** Time in which the thread could have run and stood in the queue because a processor had somebody else. */
  waitUs: number;
}

/**
 * The times of the calling thread; null where the system does not tell. A reading costs about 7 us.
 * @default read the machine's own files
 * Source: kernel documentation, sched-stats: /proc/<pid>/schedstat, of which each thread has its own.
 */
export function threadTimes(read: ReadText = readText): ThreadTimes | null {
  const [, cpuNs, waitNs] = /^(\d+) (\d+) \d+/.exec(read('/proc/thread-self/schedstat')) ?? [];
  // A kernel without these statistics counts nothing: a thread that asks has run.
  if (cpuNs === undefined || waitNs === undefined || Number(cpuNs) === 0) return null;
  return { cpuUs: Number(cpuNs) / 1000, waitUs: Number(waitNs) / 1000 };
}
