import { assert } from '../base/assert.ts';
import { OperatingError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { ClockWatch } from '../host/clock-watch.ts';
import { hostFacts } from '../host/host-facts.ts';
import { kernelSettings } from '../host/kernel-settings.ts';
import type { Profile } from '../profile/profile.ts';
import type { Calibration } from '../store/calibration-file.ts';
import type { Manifest, ToolFacts } from '../store/manifest.ts';
import { MANIFEST_VERSION } from '../store/manifest.ts';
import type { RunEvent } from '../store/run-event.ts';
import { createRunId } from '../store/run-id.ts';
import { continueRun, createRun, type RunWriter } from '../store/run-writer.ts';
import { restoreAccounts, type BrokenRun } from './broken-run.ts';
import type { RunAccounts } from './checkpoint.ts';
import { cannotResume, ResumedTime } from './resumed-time.ts';
import { clockNotes, describeClockEvent } from './clock-notes.ts';
import { RunClocks } from './run-clocks.ts';
import { recordNotes, storeSummary, tellOf } from './record-notes.ts';
import type { Summary } from '../store/summary.ts';
import { INTERVAL_US } from '../schedule/interval-schedule.ts';
import type { ShardPlan } from '../shard/shard-plan.ts';
import type { EngineDecision } from '../engine/choose-engine.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { tcpFamilies } from '../engine/tcp-families.ts';
import {
  cohortPlans,
  connectTimeoutUs,
  onlyListens,
  plannedConnections,
  sourceAddresses,
} from '../profile/cohorts.ts';
import { checkSources } from './check-sources.ts';
import { checkSocketOptions } from './check-socket-options.ts';
import { startBuiltInTarget } from './built-in-target.ts';
import { driveShards, type DriveOptions } from './drive-shards.ts';
import type { MergedInterval } from './interval-merger.ts';
import { createHealthMonitor, judgeTotals } from './health/run-health.ts';
import { pickEngine } from './pick-engine.ts';
import { planShards } from './plan-shards.ts';
import { checkLimits } from './preflight.ts';
import { readTlsMaterial } from './read-material.ts';
import { formatAddress, resolveTarget } from './resolve-target.ts';
import { holdRun } from './run-hold.ts';
import { runNotes } from './run-notes.ts';
import { RunTotals } from './run-totals.ts';
import type { WorkerSetup } from './shard-pool.ts';
import type { StopSwitch } from './stop-switch.ts';
import { summarize, type SummaryInputs } from './summarize.ts';
import type { TargetProcessLog } from './target-process.ts';
import { ThresholdJudge } from './threshold/threshold-judge.ts';
import { trialDial, type TrialResult } from './trial-dial.ts';

export interface RunOptions {
  profile: Profile;
  /** Where runs are stored. */
  outDir: string;
  tool: ToolFacts;
  stopSwitch: StopSwitch;
  observer: RunObserver;
  /** What is known of this machine's generator, for runs to be held against. @default none */
  calibrations?: readonly Calibration[];
  /** The run that goes on, which broke off; `profile` is its whole plan. @default a new one */
  resumed?: Resumed;
  /** Follows the target's process. @default none is watched */
  targetProcess?: TargetProcessLog;
  /** Tells where the machine slept, and where its wall clock was set. @default this machine's clocks */
  clocks?: Pick<ClockWatch, 'take'>;
  /** Where worker threads come from; for tests of what happens when they die. */
  workers?: WorkerSetup;
}

/** Is told how a run goes on. */
export interface RunObserver {
  /** The run has its directory and its target, and is about to dial. `cohorts` are the names of those that have one. */
  started(manifest: Manifest, directory: string, cohorts: readonly string[]): void;
  /** An interval has ended and is stored. `soFar` sums up the run until its end, without a verdict on thresholds. */
  interval(interval: MergedInterval, soFar: () => Summary): void;
  /** A user has asked something of the run (`tidemark ctl`). */
  event?(event: RunEvent): void;
  /** Something that a user must know at once, in a sentence: the disk refused, or the clocks jumped. The run goes on. */
  noticed?(sentence: string): void;
}

/** A run that broke off, and what is left of its plan. */
export interface Resumed {
  broken: BrokenRun;
  plan: Profile;
}

export interface RunResult {
  summary: Summary;
  directory: string;
  exitCode: ExitCode;
}

/**
 * Drives one run from its profile to its stored summary.
 * @throws {OperatingError} when it cannot start: engine, target, limits, files or run directory
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { profile } = options;
  if (profile.target !== null) return runAgainst(profile.target, options);
  requirePlainTcp(profile);
  const builtIn = await startBuiltInTarget(profile);
  try {
    return await runAgainst(builtIn.address, options);
  } finally {
    await builtIn.stop();
  }
}

async function runAgainst(target: string, options: RunOptions): Promise<RunResult> {
  const { profile, stopSwitch, resumed, observer } = options;
  const prepared = await prepare(target, options);
  const { manifest, plans, addresses } = prepared;
  const accounts = createAccounts(profile, plans);
  const { totals, thresholds, health } = accounts;
  if (resumed !== undefined) restoreAccounts(resumed.broken, accounts);
  const writer =
    resumed === undefined
      ? createRun(options.outDir, manifest, tellOf(observer))
      : continueRun(resumed.broken.directory, manifest, tellOf(observer));
  // Whoever resumes a run has it already.
  const hold = resumed === undefined ? await holdRun(writer.directory) : null;
  try {
    observer.started(manifest, writer.directory, cohortNames(plans));
    const trials = await trialDial(addresses, connectTimeoutUs(profile), stopSwitch);
    const reached = trials.some(({ outcome }) => outcome === 'connected' || outcome === 'reset');
    const unreached = reached || stopSwitch.requested !== null ? null : describeUnreached(target, trials);
    if (!reached && resumed !== undefined)
      throw cannotResume(unreached ?? 'it was interrupted before it went on');
    const time = resumed === undefined ? null : new ResumedTime(resumed.broken, accounts, writer);
    const clocks = watchClocks(options, writer);
    const inputs = (): Omit<SummaryInputs, 'endedEarly' | 'thresholds'> => ({
      manifest,
      totals,
      addresses: addresses.map(formatAddress),
      interrupted: stopSwitch.requested !== null,
      ...recordOf({ writer, time, clocks }, runNotes(profile, totals)),
      ...eventsOf(totals, clocks, resumed),
      health: judgeTotals(health, totals, manifest, options.calibrations ?? []),
      targetProcess: options.targetProcess?.summary() ?? null,
    });
    const soFar = (): Summary =>
      summarize({ ...inputs(), endedEarly: null, thresholds: new ThresholdJudge([]) });
    // One that is interrupted here dials nothing, and its shards say so.
    if (unreached === null) await drive(plans, options, { ...accounts, writer, time, clocks, soFar });
    else countUnreached(trials, accounts);
    const early = endedEarly(totals, stopSwitch, resumed?.plan ?? profile);
    const summary = summarize({
      ...inputs(),
      endedEarly: unreached ?? thresholds.abort ?? early,
      thresholds,
    });
    storeSummary(writer, summary, observer);
    return { summary, directory: writer.directory, exitCode: exitCode(summary, totals, stopSwitch) };
  } finally {
    writer.close();
    await writer.settled();
    hold?.release();
  }
}

/** Everything that can refuse a run before there is any of it. */
async function prepare(
  target: string,
  options: RunOptions,
): Promise<{ manifest: Manifest; plans: ShardPlan[]; addresses: TargetAddress[] }> {
  const { resumed } = options;
  const profile = resumed?.plan ?? options.profile;
  const engine = pickEngine(profile, target);
  const addresses = await resolveTarget(target, profile.safety);
  if (engine.name === 'epoll') {
    checkSources(profile, addresses);
    checkSocketOptions(profile, addresses);
  }
  const manifest = resumed?.broken.manifest ?? createManifest(target, engine, options);
  const { localPorts, nrOpen } = kernelSettings();
  checkLimits({
    connections: plannedConnections(profile),
    workers: profile.workers,
    addresses,
    descriptorLimit: manifest.host.fdLimit,
    ephemeralPorts: localPorts?.count ?? null,
    nrOpen,
    sourceIps: sourceAddresses(profile, tcpFamilies(addresses)),
    builtIn: profile.target === null,
  });
  const tls = readTlsMaterial(profile.tls, target);
  return { manifest, addresses, plans: planShards(profile, { engine: engine.name, addresses, tls }) };
}

function createAccounts(profile: Profile, plans: readonly ShardPlan[]): RunAccounts {
  const [anyPlan] = plans;
  assert(anyPlan !== undefined, 'a run has a shard');
  const names = anyPlan.cohorts.map(({ name }) => name);
  return {
    totals: new RunTotals(plans.length, names),
    health: createHealthMonitor(profile, anyPlan),
    thresholds: new ThresholdJudge(profile.thresholds),
  };
}

/** Where the machine sleeps, or its wall clock is set, is stored and told. */
function watchClocks({ profile, resumed, observer, clocks }: RunOptions, writer: RunWriter): RunClocks {
  return new RunClocks({
    watch: clocks ?? new ClockWatch(),
    aftermathUs: Math.max(...cohortPlans(profile).map(({ plan }) => plan.timeouts.readUs)),
    before: resumed?.broken.events.clocks ?? [],
    record(event) {
      writer.appendEvent(event);
      observer.noticed?.(describeClockEvent(event));
    },
  });
}

/** What was stored so far, and the notes with what is to be said of it. */
function recordOf(
  { writer, time, clocks }: Pick<RunWatchers, 'writer' | 'time' | 'clocks'>,
  ofRun: string[],
): Pick<SummaryInputs, 'record' | 'notes'> {
  const gaps = [...(time?.gaps ?? []), ...writer.gaps].toSorted((a, b) => a.startSeconds - b.startSeconds);
  const record = { widths: writer.widths, gaps, stopped: writer.stop };
  return { record, notes: [...ofRun, ...clockNotes(clocks.events, clocks.more), ...recordNotes(record)] };
}

/** All events, those before the run broke off included. */
function eventsOf(
  { steering }: RunTotals,
  clocks: RunClocks,
  resumed?: Resumed,
): Pick<SummaryInputs, 'events' | 'clockEvents'> {
  const before = resumed?.broken.events.commands ?? [];
  return { events: [...before, ...steering.events], clockEvents: [...clocks.events] };
}

function drive(plans: ShardPlan[], options: RunOptions, { soFar, ...watchers }: RunWatchers): Promise<void> {
  const { observer, stopSwitch, workers, targetProcess } = options;
  return driveShards({
    plans,
    stopSwitch,
    ...watchers,
    observe: (interval) => observer.interval(interval, soFar),
    observeEvent: (event) => observer.event?.(event),
    ...(targetProcess === undefined ? {} : { targetProcess }),
    ...(workers === undefined ? {} : { workers }),
  });
}

interface RunWatchers extends Pick<
  DriveOptions,
  'writer' | 'health' | 'thresholds' | 'totals' | 'time' | 'clocks'
> {
  /** What the run has come to, while it is on. */
  soFar: () => Summary;
}

/** Of the cohorts that have one; the same in every shard. */
function cohortNames([plan]: readonly ShardPlan[]): string[] {
  return plan?.cohorts.flatMap(({ name }) => name ?? []) ?? [];
}

/** The built-in target that is started beside a run has no certificate. */
function requirePlainTcp({ tls }: Profile): void {
  if (!tls.enabled) return;
  throw new OperatingError(
    'ERR_PROFILE_INVALID',
    'Cannot use TLS (--tls) without a target: the built-in target beside a run speaks plain TCP; give --target, for ' +
      'example that of a `tidemark target --tls-cert FILE --tls-key FILE`',
  );
}

function createManifest(target: string, engine: EngineDecision, { profile, tool }: RunOptions): Manifest {
  const startedAt = new Date();
  return {
    version: MANIFEST_VERSION,
    tool,
    id: createRunId(startedAt, profile.label),
    label: profile.label,
    startedAt: startedAt.toISOString(),
    target,
    engine: engine.name,
    engineReason: engine.reason,
    workers: profile.workers,
    seed: profile.seed,
    intervalSeconds: INTERVAL_US / 1e6,
    profile,
    host: hostFacts(),
  };
}

/** The trial dials are all the dials of a run whose target is not there. */
function countUnreached(trials: TrialResult[], { totals, thresholds }: RunAccounts): void {
  totals.addTrials(trials);
  thresholds.addCounters(() => totals.counters);
}

function describeUnreached(target: string, trials: TrialResult[]): string {
  const ways = trials.map(({ address, outcome, failure }) => {
    const how = failure === null ? 'no answer in time' : `${failure.errno} from ${failure.syscall}`;
    return `${formatAddress(address)}: ${outcome}, ${how}`;
  });
  return `the target ${target} could not be reached by a trial dial (${ways.join('; ')})`;
}

function endedEarly(totals: RunTotals, stopSwitch: StopSwitch, profile: Profile): string | null {
  if (stopSwitch.requested === 'stop') return 'stopped at once by a second signal';
  if (stopSwitch.requested === 'drain') return 'interrupted by a signal';
  if (totals.steering.stopped) return 'stopped by tidemark ctl';
  if (totals.endUs - totals.beganUs >= profile.durationUs) return null;
  if (totals.fates.every(({ state }) => state === 'lost')) return 'every shard was lost';
  return 'every session had ended';
}

function exitCode(summary: Summary, totals: RunTotals, stopSwitch: StopSwitch): ExitCode {
  if (totals.violations.length > 0) return EXIT.bug;
  if (stopSwitch.requested !== null) return EXIT.interrupted;
  if (!summary.verdict.valid) return EXIT.invalid;
  const { ok, thresholds } = summary.verdict;
  if (ok) return EXIT.passed;
  const asked = onlyListens(summary.run.profile) || thresholds.some((threshold) => !threshold.ok);
  const demanded = summary.connections.opened > 0 && asked;
  return demanded || summary.frames.sent > 0 ? EXIT.thresholdFailed : EXIT.noConnection;
}
