import type { Dialer } from '../session/dialer.ts';
import type { SessionContext } from '../session/session-context.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { Control } from './control.ts';

export interface SteeringOptions {
  control: Control;
  context: SessionContext;
  dialer: Dialer;
  table: SessionTable;
}

/** Makes the changes in a shard that were asked for while the run is on. */
export class Steering {
  readonly #options: SteeringOptions;

  constructor(options: SteeringOptions) {
    this.#options = options;
  }

  /** Makes what has come since the last visit; rates and connections ahead of their time, which they carry. */
  follow(nowUs: number): void {
    const { control, context, dialer } = this.#options;
    for (let change = control.peek(); change !== null; change = control.peek()) {
      const { kind, atUs, value } = change;
      if (kind === 'hold' && nowUs < atUs) return;
      control.take();
      if (kind === 'connections') dialer.changeAt(atUs, value);
      else if (kind === 'rate') context.arrivals?.changeRate(atUs, value);
      else context.held = value !== 0;
      if (kind !== 'connections') this.#options.table.forEach((session) => session.repace(nowUs));
    }
  }
}
