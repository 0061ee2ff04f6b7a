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
