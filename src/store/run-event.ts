/** Something that a user asked of a run while it was on (`tidemark ctl`). */
export interface RunEvent {
  /** From when on it takes effect, since the run's start. */
  atSeconds: number;
  /** As the user wrote it, for example `rate 10k/s`. */
  command: string;
  /** Whether it was carried out. */
  ok: boolean;
  /** What holds from then on, or why it was refused. */
  effect: string;
}

/** Something that the machine's clocks did while the run was on. */
export interface ClockEvent {
  /** When it was noticed, at the end of an interval: since the run's start, by the time that the machine was awake. */
  atSeconds: number;
  /** `slept`: the machine was suspended. `set`: somebody set the wall clock. */
  clock: 'slept' | 'set';
  /** For how long, or by how much: negative where the wall clock was set back. */
  seconds: number;
}
