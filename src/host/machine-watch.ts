import { cpuPressureUs } from './cpu-pressure.ts';
import { cpuTimes, stealShare, type CpuTimes } from './cpu-times.ts';
import { readText, type ReadText } from './read-text.ts';

/** What became of the machine's processors in a span of time; null where the system does not tell. */
export interface MachineLoad {
  /** Share of all processors' time that the hypervisor gave to other machines. */
  stealShare: number | null;
  /** Share of the time in which some runnable thread of the machine waited for a processor. */
  pressureShare: number | null;
}

/** Reads the machine's processors again and again, and says what happened between two readings. */
export class MachineWatch {
  readonly #read: ReadText;
  #atUs: number;
  #cpu: CpuTimes | null;
  #pressureUs: number | null;
  #last: MachineLoad = { stealShare: null, pressureShare: null };

  /** @param nowUs monotonic microseconds, as in `take` */
  constructor(nowUs: number, read: ReadText = readText) {
    this.#read = read;
    this.#atUs = nowUs;
    this.#cpu = cpuTimes(read);
    this.#pressureUs = cpuPressureUs(read);
  }

  /** Since the taking before; that one's again where less than `SPAN_US_MIN` has passed, which tells too little. */
  take(nowUs: number): MachineLoad {
    const spanUs = nowUs - this.#atUs;
    if (spanUs < SPAN_US_MIN) return this.#last;
    const cpu = cpuTimes(this.#read);
    const pressureUs = cpuPressureUs(this.#read);
    this.#last = {
      stealShare: stealShare(this.#cpu, cpu),
      pressureShare:
        pressureUs === null || this.#pressureUs === null
          ? null
          : Math.min(1, Math.max(0, pressureUs - this.#pressureUs) / spanUs),
    };
    this.#atUs = nowUs;
    this.#cpu = cpu;
    this.#pressureUs = pressureUs;
    return this.#last;
  }
}

/** Processor times come in clock ticks of 10 ms: a shorter span would be told in tenths. */
const SPAN_US_MIN = 100_000;
