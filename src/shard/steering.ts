import type { Cohort } from './cohort.ts';
import type { Control } from './control.ts';

/** Makes the changes in a shard that were asked for while the run is on. */
export class Steering {
  readonly #control: Control;
  readonly #cohorts: readonly Cohort[];

  constructor(control: Control, cohorts: readonly Cohort[]) {
    this.#control = control;
    this.#cohorts = cohorts;
  }

  /** Makes what has come since the last visit; rates and connections ahead of their time, which they carry. */
  follow(nowUs: number): void {
    const control = this.#control;
    for (let change = control.peek(); change !== null; change = control.peek()) {
      if (change.kind === 'hold' && nowUs < change.atUs) return;
      control.take();
      this.#cohorts[change.cohort]?.change(change, nowUs);
    }
  }
}
