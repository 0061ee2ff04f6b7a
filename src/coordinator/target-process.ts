import type { ProcessReading, ProcessWatch } from '../host/process-watch.ts';
import type { GaugeSpan, TargetProcess } from '../store/soak-figures.ts';

/** Readings that are stored with an interval; a gauge that is not known is left out. */
export type TargetGauges = Partial<
  Record<'targetResidentBytes' | 'targetDescriptors' | 'targetThreads' | 'targetCpus', number>
>;

/** Follows the target's process through a run: a reading an interval, and their first, last and highest. */
export class TargetProcessLog {
  readonly #watch: ProcessWatch;
  readonly #spans: Record<keyof ProcessReading, GaugeSpan | null> = {
    residentBytes: null,
    descriptors: null,
    threads: null,
    cpus: null,
  };
  #latest: ProcessReading | null = null;
  #endedAtSeconds: number | null = null;

  constructor(watch: ProcessWatch) {
    this.#watch = watch;
  }

  /** Reads the process at an interval's end, which is `elapsedUs` after the run's start on our clock. */
  read(elapsedUs: number, nowUs: number): TargetGauges {
    const reading = this.#watch.read(nowUs);
    this.#latest = reading;
    if (reading === null) {
      this.#endedAtSeconds ??= elapsedUs / 1e6;
      return {};
    }
    for (const name of ['residentBytes', 'descriptors', 'threads', 'cpus'] as const) {
      this.#spans[name] = extend(this.#spans[name], reading[name]);
    }
    const { residentBytes, descriptors, threads, cpus } = reading;
    return {
      targetResidentBytes: residentBytes,
      targetThreads: threads,
      ...(descriptors === null ? {} : { targetDescriptors: descriptors }),
      ...(cpus === null ? {} : { targetCpus: cpus }),
    };
  }

  get pid(): number {
    return this.#watch.pid;
  }

  /** The last reading; null where there is none, because the process has ended. */
  get latest(): ProcessReading | null {
    return this.#latest;
  }

  summary(): TargetProcess {
    const { pid, name } = this.#watch;
    return { pid, name, endedAtSeconds: this.#endedAtSeconds, ...this.#spans };
  }
}

function extend(span: GaugeSpan | null, value: number | null): GaugeSpan | null {
  if (value === null) return span;
  if (span === null) return { first: value, last: value, max: value };
  return { ...span, last: value, max: Math.max(span.max, value) };
}
