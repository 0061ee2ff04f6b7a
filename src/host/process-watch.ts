import { readdirSync } from 'node:fs';
import { OperatingError } from '../base/errors.ts';
import { readText, type ReadText } from './read-text.ts';

/** What one process held and used, at one time. */
export interface ProcessReading {
  residentBytes: number;
  threads: number;
  /** Null where the system does not show them: the process is another user's. */
  descriptors: number | null;
  /** Processors in use since the reading before, 1 for one of them; null at the first. */
  cpus: number | null;
}

/** How a process is looked at; a table in tests. */
export interface ProcessSource {
  readText: ReadText;
  /** How many entries a directory has; null where it cannot be read. */
  entries(path: string): number | null;
}

/**
 * Reads what a process of this machine holds, each time it is asked. A process is known by its number and its start, so
 * that another one which later gets the same number is not taken for it. A reading costs some 30 us and a little for
 * each descriptor.
 * Source: proc(5), /proc/<pid>/stat, /proc/<pid>/status and /proc/<pid>/fd.
 */
export class ProcessWatch {
  readonly pid: number;
  /** As the kernel has it: cut to 15 characters. */
  readonly name: string;
  readonly #source: ProcessSource;
  readonly #startTicks: number;
  #ended: boolean = false;
  #before: { cpuTicks: number; atUs: number } | null = null;

  /**
   * @throws {OperatingError} when there is no such process, or none can be seen on this system (ERR_USAGE)
   */
  constructor(pid: number, source: ProcessSource = MACHINE) {
    const stat = parseStat(source.readText(`/proc/${pid}/stat`));
    if (stat === null) throw new OperatingError('ERR_USAGE', unseen(pid, source));
    this.pid = pid;
    this.name = stat.name;
    this.#source = source;
    this.#startTicks = stat.startTicks;
  }

  /** Whether a reading has found it gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What it holds at `nowUs`, in monotonic microseconds; null once it has ended. */
  read(nowUs: number): ProcessReading | null {
    if (this.#ended) return null;
    const directory = `/proc/${this.pid}`;
    const stat = parseStat(this.#source.readText(`${directory}/stat`));
    const status = this.#source.readText(`${directory}/status`);
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    // A process that has ended and was not waited for has a line and no memory.
    if (stat === null || stat.startTicks !== this.#startTicks || resident === undefined) {
      this.#ended = true;
      return null;
    }
    return {
      residentBytes: Number(resident) * 1024,
      threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1] ?? 1),
      descriptors: this.#source.entries(`${directory}/fd`),
      cpus: this.#cpusSince(stat.cpuTicks, nowUs),
    };
  }

  #cpusSince(cpuTicks: number, nowUs: number): number | null {
    const before = this.#before;
    this.#before = { cpuTicks, atUs: nowUs };
    if (before === null || nowUs <= before.atUs) return null;
    return ((cpuTicks - before.cpuTicks) * TICK_US) / (nowUs - before.atUs);
  }
}

/** The kernel shows times in hundredths of a second to all programs. Source: proc(5), sysconf(_SC_CLK_TCK). */
const TICK_US = 10_000;

interface ProcessStat {
  name: string;
  cpuTicks: number;
  startTicks: number;
}

/** The name stands in parentheses and may hold any character, parentheses included: it ends at the last one. */
function parseStat(text: string): ProcessStat | null {
  const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(text.trimEnd()) ?? [];
  if (name === undefined || rest === undefined) return null;
  // Field 3 of the file is the first here: user time is 14, system time 15, start 22.
  const field = (number: number): number => Number(rest.split(' ')[number - 3]);
  return { name, cpuTicks: field(14) + field(15), startTicks: field(22) };
}

function unseen(pid: number, source: ProcessSource): string {
  return source.readText('/proc/self/stat') === ''
    ? `Cannot watch process ${pid} (--watch-pid): only Linux shows what a process holds, in /proc, and there is none here; leave the flag out`
    : `Cannot watch process ${pid} (--watch-pid): no process of this machine has that number; give that of the target, for example --watch-pid $(pgrep -o -x my-server)`;
}

const MACHINE: ProcessSource = {
  readText,
  entries(path) {
    try {
      return readdirSync(path).length;
    } catch {
      return null;
    }
  },
};
