import { createLogUpdate } from 'log-update';
import type { Writable } from 'node:stream';
import type { MergedInterval } from '../../coordinator/interval-merger.ts';
import type { RunEvent } from '../../store/run-event.ts';
import type { Paint } from '../paint.ts';
import { formatProgressLine } from '../progress.ts';
import { LiveFigures, type LiveStanding } from './live-figures.ts';
import { livePage } from './live-page.ts';

/** From this planned duration on a run is watched by its last minute instead of its last second. */
export const LONG_RUN_SECONDS = 120;

export interface LongRunFacts {
  label: string;
  totalSeconds: number;
  paint: Paint;
}

/** Where a view is written; the optional properties are those of a terminal. */
export type ViewStream = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/**
 * Shows how a long run goes: on a terminal a page that is renewed in place once a second, elsewhere a line a minute.
 * Its memory does not grow with the run.
 */
export class LongRunView {
  readonly #facts: LongRunFacts;
  readonly #stream: ViewStream;
  readonly #show: ((page: string) => void) & { clear(): void };
  #figures = new LiveFigures();
  /** The latest `pause` or `resume` that was carried out, and the latest of all: what the page tells. */
  #events: RunEvent[] = [];
  #extra: readonly string[] = [];
  #minutesTold: number = 0;

  constructor(stream: ViewStream, facts: LongRunFacts) {
    this.#stream = stream;
    this.#facts = facts;
    // Hiding the cursor would bring in log-update's own signal handlers; signals are the coordinator's.
    this.#show = createLogUpdate(stream, { showCursor: true });
  }

  /** The run begins with these named cohorts. */
  started(cohorts: readonly string[]): void {
    this.#figures = new LiveFigures(cohorts);
  }

  /** An interval has ended. `extra` are further lines of the page. */
  update(interval: MergedInterval, extra: readonly string[] = []): void {
    this.#figures.add(interval);
    this.#extra = extra;
    if (this.#stream.isTTY === true) this.#renew();
    else this.#tellMinute(interval.endUs / 1e6);
  }

  /** A user has asked something of the run. */
  event(event: RunEvent): void {
    const state = [...this.#events, event].findLast(
      ({ ok, command }) => ok && (command === 'pause' || command === 'resume'),
    );
    this.#events = state === undefined || state === event ? [event] : [state, event];
    if (this.#stream.isTTY === true) this.#renew();
  }

  /** Takes the page away, so that what follows begins on a clean line; plain lines stay. */
  done(): void {
    if (this.#stream.isTTY === true) this.#show.clear();
  }

  #renew(): void {
    const { columns = TERMINAL_COLUMNS, rows = TERMINAL_ROWS } = this.#stream;
    const options = { ...this.#facts, events: this.#events, extra: this.#extra, columns, rows };
    this.#show(livePage(this.#figures.standing(), options).join('\n'));
  }

  #tellMinute(elapsedSeconds: number): void {
    const minutes = Math.floor(elapsedSeconds / 60);
    if (minutes === this.#minutesTold) return;
    this.#minutesTold = minutes;
    this.#stream.write(`${this.#minuteLine(this.#figures.standing())}\n`);
  }

  #minuteLine({ elapsedSeconds, phase, whole }: LiveStanding): string {
    const { live, minute, run } = whole;
    return formatProgressLine({
      elapsedSeconds,
      totalSeconds: this.#facts.totalSeconds,
      phase,
      openNow: live,
      dialsPerSecond: minute.dialsPerSecond,
      framesPerSecond: minute.framesPerSecond,
      responseP50Us: minute.response.p50,
      responseP99Us: minute.response.p99,
      errors: run.failureCount,
    });
  }
}

/** Assumed where a terminal does not tell its size. */
const TERMINAL_COLUMNS = 80;
const TERMINAL_ROWS = 24;
