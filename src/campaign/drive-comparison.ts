import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { OperatingError } from '../base/errors.ts';
import { EXIT } from '../base/exit-codes.ts';
import { resolveTarget } from '../coordinator/resolve-target.ts';
import { run, type RunResult } from '../coordinator/run.ts';
import type { StopSwitch } from '../coordinator/stop-switch.ts';
import type { Profile } from '../profile/profile.ts';
import type { Calibration } from '../store/calibration-file.ts';
import type { ToolFacts } from '../store/manifest.ts';
import type { Summary } from '../store/summary.ts';
import type { Side } from './abba.ts';
import type { CompareRecord, ComparePlan } from './compare-record.ts';
import { ServerProcess } from './server-process.ts';

/** What one side is: a server that runs, or a command that starts one, anew for each run. */
export interface Contender {
  /** As `--target` takes it. */
  address: string;
  /** Null where the server runs already. */
  command: string | null;
}

export interface DriveOptions {
  plan: ComparePlan;
  record: CompareRecord;
  profile: Profile;
  sides: Record<Side, Contender>;
  limits: { readyMs: number; stopMs: number; cooldownMs: number };
  outDir: string;
  tool: ToolFacts;
  calibrations: readonly Calibration[];
  stopSwitch: StopSwitch;
  observer: CompareObserver;
}

/** Is told how a comparison goes on. */
export interface CompareObserver {
  starting(place: RunPlace): void;
  ended(place: RunPlace, summary: Summary): void;
  /** Frames were still unanswered when a run ended, and the next one waits. */
  waiting(frames: number, ms: number): void;
}

export interface RunPlace {
  /** From 0. */
  pair: number;
  side: Side;
}

/**
 * Runs the pairs of a comparison one after the other; each run is recorded when it has ended. A server that is started by a
 * command is started anew for each run and stopped after it.
 * @throws {OperatingError} when a run cannot start, or a server does not come up, ends, or keeps its address; what was recorded
 * stays (ERR_TARGET and those of `run`)
 */
export async function driveComparison(options: DriveOptions): Promise<void> {
  const { plan, profile, sides } = options;
  for (const { address } of Object.values(sides)) await resolveTarget(address, profile.safety);
  const places = plan.order.flatMap((order, pair) => order.map((side) => ({ pair, side })));
  for (const [index, place] of places.entries()) {
    const summary = await runAt(options, place);
    if (summary === null || options.stopSwitch.requested !== null) return;
    if (index < places.length - 1) await coolDown(options, summary);
  }
}

/** Null where the user has ended the comparison before the run began. */
async function runAt(options: DriveOptions, place: RunPlace): Promise<Summary | null> {
  const { record, observer, sides, stopSwitch } = options;
  if (stopSwitch.requested !== null) return null;
  observer.starting(place);
  const result = await runBeside(options, place);
  if (result === null) return null;
  // A run that a signal cut short is kept as a run, and is none of the comparison.
  if (!result.summary.run.interrupted) record.append({ ...place, run: basename(result.directory) });
  observer.ended(place, result.summary);
  if (stopSwitch.requested === null) requireReached(result.summary, sides[place.side]);
  return result.summary;
}

/** Runs while the side's server is up. What a server does wrong when it is stopped must not hide what went wrong before. */
async function runBeside(options: DriveOptions, place: RunPlace): Promise<RunResult | null> {
  const { address, command } = options.sides[place.side];
  if (command === null) return measure(options, place);
  const { readyMs, stopMs } = options.limits;
  const server = await ServerProcess.start({ command, address, readyMs, stopMs });
  let result: RunResult | null = null;
  try {
    if (options.stopSwitch.requested === null) result = await measure(options, place);
    if (options.stopSwitch.requested === null) server.requireAlive();
  } catch (error) {
    await server.stop().catch(() => undefined);
    throw error;
  }
  await server.stop();
  return result;
}

/** A run of its own, stored as any other. */
function measure(options: DriveOptions, { pair, side }: RunPlace): Promise<RunResult> {
  const { profile, plan, sides, outDir, tool, calibrations, stopSwitch } = options;
  return run({
    profile: { ...profile, target: sides[side].address, label: `${plan.name}-${side}${pair + 1}` },
    outDir,
    tool,
    calibrations,
    stopSwitch,
    observer: { started() {}, interval() {} },
  });
}

function requireReached({ connections, dials }: Summary, { address }: Contender): void {
  if (connections.opened > 0) return;
  throw new OperatingError(
    'ERR_TARGET',
    `Cannot compare: ${address} must accept connections, and none of ${dials.attempted} dials connected`,
    { exitCode: EXIT.noConnection },
  );
}

/** Work that a run has left in a server would be the next run's. */
async function coolDown(
  { limits, observer, stopSwitch, profile }: DriveOptions,
  { frames }: Summary,
): Promise<void> {
  const left = frames.inFlightAtEnd;
  const leftMs = left > 0 ? profile.timeouts.drainUs / 1000 : 0;
  const ms = Math.max(limits.cooldownMs, leftMs);
  if (left > 0) observer.waiting(left, ms);
  if (ms === 0) return;
  const stopped = new AbortController();
  stopSwitch.onRequest(() => stopped.abort());
  await pause(ms, undefined, { signal: stopped.signal }).catch(() => undefined);
}
