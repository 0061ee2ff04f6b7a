import { counted } from '../base/counted.ts';
import type { MergedInterval } from '../coordinator/interval-merger.ts';
import type { RunObserver } from '../coordinator/run.ts';
import type { TargetProcessLog } from '../coordinator/target-process.ts';
import { COUNTER } from '../measure/counters.ts';
import { plannedConnections } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';
import { countFailures } from '../report/live/failures.ts';
import { LONG_RUN_SECONDS, LongRunView } from '../report/live/long-run-view.ts';
import { formatBytes, formatShort } from '../report/human.ts';
import { createPaint } from '../report/paint.ts';
import { LiveView, type Progress } from '../report/progress.ts';
import { renderReport } from '../report/terminal-report.ts';
import type { Summary } from '../store/summary.ts';
import { pageLayout, wantsColor, type Io } from './io.ts';

/** What a run shows on stderr while it is on. */
export interface RunView {
  observer: RunObserver;
  /** Takes away what is kept current, so that other text begins on a clean line. */
  done(): void;
  /** Prints what the run has come to until now. */
  printSoFar(): void;
}

export interface RunViewOptions {
  quiet: boolean;
  /** The target's process, where it is watched. */
  watched: TargetProcessLog | undefined;
}

/** A line for short runs, a page or a line a minute for long ones; nothing of its own accord where `quiet`. */
export function createRunView(io: Io, profile: Profile, { quiet, watched }: RunViewOptions): RunView {
  const live = quiet ? SILENT : liveViewOf(io, profile, watched);
  let latest: (() => Summary) | null = null;
  return {
    observer: {
      ...live.observer,
      interval(interval, soFar) {
        latest = soFar;
        live.observer.interval(interval, soFar);
      },
      // What the disk refuses is said even where progress is not.
      noticed(sentence) {
        live.done();
        io.stderr.write(`${sentence}\n`);
      },
    },
    done: () => live.done(),
    printSoFar() {
      live.done();
      io.stderr.write(latest === null ? 'no interval has ended yet\n' : pageSoFar(io, latest()));
    },
  };
}

type LivePart = Pick<RunView, 'observer' | 'done'>;

const SILENT: LivePart = { observer: { started() {}, interval() {} }, done() {} };

function liveViewOf(io: Io, profile: Profile, watched?: TargetProcessLog): LivePart {
  const totalSeconds = profile.durationUs / 1e6;
  if (totalSeconds >= LONG_RUN_SECONDS) return longRunPart(io, profile, watched);
  const view = new LiveView(io.stderr);
  return {
    observer: {
      started: (manifest, directory) => announce(io, profile, { manifest, directory }),
      interval: (interval) => view.update(progressOf(interval, profile)),
    },
    done: () => view.done(),
  };
}

function longRunPart(io: Io, profile: Profile, watched?: TargetProcessLog): LivePart {
  const { label, durationUs } = profile;
  const paint = createPaint(wantsColor(io.stderr, io.env));
  const view = new LongRunView(io.stderr, { label, totalSeconds: durationUs / 1e6, paint });
  return {
    observer: {
      started(manifest, directory, cohorts) {
        announce(io, profile, { manifest, directory });
        view.started(cohorts);
      },
      interval: (interval) => view.update(interval, watched === undefined ? [] : [processLine(watched)]),
      event: (event) => view.event(event),
    },
    done: () => view.done(),
  };
}

/** What the target's process holds now. */
function processLine(watched: TargetProcessLog): string {
  const { latest } = watched;
  if (latest === null) return `process      ${watched.pid} has ended`;
  const facts = [
    `${formatBytes(latest.residentBytes)} resident`,
    ...(latest.descriptors === null ? [] : [counted(latest.descriptors, 'descriptor')]),
    counted(latest.threads, 'thread'),
    ...(latest.cpus === null ? [] : [`${formatShort(latest.cpus)} processors`]),
  ];
  return `process      ${watched.pid}: ${facts.join(', ')}`;
}

type Begun = Record<'manifest', Parameters<RunObserver['started']>[0]> & { directory: string };

function announce(io: Io, profile: Profile, { manifest, directory }: Begun): void {
  const builtIn = profile.target === null ? ' (the built-in target, started beside this run)' : '';
  io.stderr.write(
    `${manifest.label}: ${counted(plannedConnections(profile), 'connection')} from ` +
      `${counted(profile.workers, 'worker')} against ${manifest.target}${builtIn}, ${manifest.engine} engine (${manifest.engineReason}), stored in ${directory}\n`,
  );
}

function progressOf(interval: MergedInterval, profile: Profile): Progress {
  const seconds = (interval.endUs - interval.startUs) / 1e6;
  const perSecond = (count: number | undefined): number => (seconds > 0 ? (count ?? 0) / seconds : 0);
  const { counters, totals } = interval;
  const response = interval.histograms.get('response');
  return {
    elapsedSeconds: (interval.endUs - (interval.gapsUs ?? 0)) / 1e6,
    totalSeconds: profile.durationUs / 1e6,
    phase: interval.phase,
    openNow: totals[COUNTER.openNow] ?? 0,
    dialsPerSecond: perSecond(counters[COUNTER.dialsAttempted]),
    framesPerSecond: perSecond(
      (counters[COUNTER.framesMatched] ?? 0) + (counters[COUNTER.framesOneWay] ?? 0),
    ),
    responseP50Us: response?.percentileUs(50) ?? null,
    responseP99Us: response?.percentileUs(99) ?? null,
    errors: countFailures(totals),
  };
}

function pageSoFar(io: Io, summary: Summary): string {
  const options = { color: wantsColor(io.stderr, io.env), ...pageLayout(io.stderr), soFar: true };
  return `${renderReport(summary, options)}\n`;
}
