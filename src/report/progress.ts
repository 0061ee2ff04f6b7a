import { createLogUpdate } from 'log-update';
import type { Writable } from 'node:stream';
import type { RunPhase } from '../store/interval-line.ts';
import { formatCount, formatSeconds, formatShort, formatUs } from './human.ts';

/** How a run stands at the end of an interval. */
export interface Progress {
  elapsedSeconds: number;
  totalSeconds: number;
  phase: RunPhase;
  openNow: number;
  /** Of the last interval, as are the four below. */
  dialsPerSecond: number;
  framesPerSecond: number;
  /** Microseconds; null when no reply came. */
  responseP50Us: number | null;
  responseP99Us: number | null;
  /** Failures since the run's start. */
  errors: number;
}

const PHASE_WORDS: Record<RunPhase, string> = { warmup: ' warm-up', measure: '', drain: ' draining' };

/** A run in one line: the live line of a terminal, and the line an interval elsewhere. */
export function formatProgressLine(progress: Progress): string {
  const { elapsedSeconds, totalSeconds, phase, responseP50Us, responseP99Us } = progress;
  const elapsed = `${formatSeconds(Math.round(elapsedSeconds))} of ${formatSeconds(totalSeconds)}`;
  return [
    `${elapsed}${PHASE_WORDS[phase]}`,
    `${formatCount(progress.openNow)} open`,
    `${formatShort(progress.framesPerSecond)} frames/s`,
    `p50 ${formatTime(responseP50Us)} p99 ${formatTime(responseP99Us)}`,
    `${formatCount(progress.errors)} errors`,
    `${formatShort(progress.dialsPerSecond)} dials/s`,
  ].join(' | ');
}

function formatTime(us: number | null): string {
  return us === null ? '-' : formatUs(us);
}

/** Assumed where a terminal does not tell its width. */
const TERMINAL_COLUMNS = 80;

/** Shows how a run goes: one line that is kept current on a terminal, a plain line an interval elsewhere. */
export class LiveView {
  readonly #show: (line: string) => void;
  readonly #erase: () => void;

  constructor(stream: Writable & { isTTY?: boolean; columns?: number }) {
    if (stream.isTTY === true) {
      // Hiding the cursor would bring in log-update's own signal handlers; signals are the coordinator's.
      const update = createLogUpdate(stream, { showCursor: true });
      // A line that wraps is hard to read and leaves its first part behind when it is kept current.
      this.#show = (line) => update(line.slice(0, (stream.columns ?? TERMINAL_COLUMNS) - 1));
      this.#erase = () => update.clear();
    } else {
      this.#show = (line) => void stream.write(`${line}\n`);
      this.#erase = () => undefined;
    }
  }

  update(progress: Progress): void {
    this.#show(formatProgressLine(progress));
  }

  /** Takes the live line away, so that the results begin on a clean line; plain lines stay. */
  done(): void {
    this.#erase();
  }
}
