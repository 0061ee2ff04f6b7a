import { Command, Option } from 'commander';
import { parsePlan, type PlanQuestion } from '../analysis/capacity/capacity-plan.ts';
import { CAPACITY_VERSION, type CapacityResult } from '../analysis/capacity/capacity-result.ts';
import { OperatingError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { searchBase } from '../campaign/capacity-base.ts';
import { searchCapacity } from '../campaign/capacity-campaign.ts';
import {
  CapacityRecord,
  readCapacity,
  readSearch,
  type StoredQuestion,
} from '../campaign/capacity-record.ts';
import { connectionCeiling } from '../campaign/connection-ceiling.ts';
import { StopSwitch } from '../coordinator/stop-switch.ts';
import { FLAGS, flagSyntax } from '../profile/flags.ts';
import { findProfile, type ProfileFile } from '../profile/profile-file.ts';
import { renderCapacity } from '../report/capacity-page.ts';
import { jsonText } from '../store/json-file.ts';
import { OUT_DIRECTORY_DEFAULT } from '../store/run-files.ts';
import { createRunId } from '../store/run-id.ts';
import { goalOf, readSearchFlags, type SearchFlags } from './capacity-flags.ts';
import { createCapacityView } from './capacity-view.ts';
import { outDirectory, wantsColor, type Io } from './io.ts';
import { knownCalibrations } from './known-calibrations.ts';
import { packageFacts } from './package-facts.ts';
import { STOP_SIGNALS } from './stop-signals.ts';

/**
 * `tidemark capacity [profile]`: searches for the most load that a target carries within its thresholds.
 * Its action throws OperatingError when flags or profile are bad, or a trial cannot start.
 */
export function capacityCommand(io: Io): Command {
  const command = new Command('capacity')
    .description('search for the most load a target carries within its thresholds, and say why not more')
    .argument('[profile]', 'a built-in profile (see run --help) or a YAML file; flags alone make one too')
    .optionsGroup('Search:')
    .option(
      '--of <rate|connections>',
      'what is searched for: frames a second, or connections held (default rate)',
    )
    .option('--trial <duration>', 'measured time of each trial, after its warm-up (default 10s)')
    .option('--trials <n>', 'trials that settle one load, an odd number (default 5)')
    .option('--exceed <percent>', 'share of the trials of a load that may fail (default 50%)')
    .option('--width <percent>', 'how close the bounds come, of the upper one (default 2%)')
    .option(
      '--loss <percent>',
      'most of the offered frames that may be lost: errors, late, slow, unsent (default 0.1%)',
    )
    .option('--limit <duration>', 'a reply slower than this counts as lost (default none does)')
    .option(
      '--start <load>',
      "first load, 5k/s or 100 connections (default the profile's rate, or 1k/s; 100)",
    )
    .option('--max <load>', 'try no load beyond this')
    .option('--confirm <n>', 'trials that confirm what was found (default 14)')
    .option(
      '--plan <text>',
      "servers for a peak: 'peak=200k/s headroom=30%', and spare=1 for one that may be down",
    )
    .option('--from <search>', 'plan from a search that was stored (its directory) instead of measuring')
    .option('--resume <search>', 'go on with a search that broke off (its directory)')
    .optionsGroup('Profile keys (each also TIDEMARK_<FLAG> in the environment):');
  for (const flag of FLAGS.filter(({ path }) => !OWN_PATHS.has(path))) {
    const option = new Option(flagSyntax(flag), flag.help);
    command.addOption(flag.repeatable ? option.argParser(collect) : option);
  }
  return command
    .option('--set <path=value>', 'set any key of the profile, repeatable', collect)
    .optionsGroup('Results:')
    .option('--out <dir>', `where searches are stored (default: ${OUT_DIRECTORY_DEFAULT})`)
    .option('--json', 'print capacity.json instead of the page')
    .option('--quiet', 'print no progress')
    .addHelpText('after', CAPACITY_HELP)
    .action((profile: string | undefined, flags: CapacityFlags) => capacityAction(io, profile, flags));
}

/** Keys that the search sets itself. */
const OWN_PATHS: ReadonlySet<string> = new Set(['duration', 'stages', 'load.totalRate']);

interface CapacityFlags extends SearchFlags {
  plan?: string;
  from?: string;
  resume?: string;
  set?: string[];
  out?: string;
  json?: true;
  quiet?: true;
}

async function capacityAction(io: Io, name: string | undefined, flags: CapacityFlags): Promise<void> {
  for (const stored of ['from', 'resume'] as const)
    if (flags[stored] !== undefined) refuseBeside(stored, name, flags);
  if (flags.from !== undefined) return planFrom(io, flags.from, flags);
  if (flags.resume !== undefined) {
    const { question, trials } = readSearch(flags.resume);
    const record = CapacityRecord.continue(flags.resume);
    return search(io, { question, trials, record, flags, plan: planOf(flags, question.of) });
  }
  // A plan that cannot be read is said before the first trial and not after the last.
  const plan = planOf(flags, readSearchFlags(flags).of);
  const question = await newQuestion(io, name, flags);
  const record = CapacityRecord.create(outDirectory(io, flags.out), question);
  return search(io, { question, trials: [], record, flags, plan });
}

/** A search that is stored has its profile and its goal. */
function refuseBeside(stored: 'from' | 'resume', name: string | undefined, flags: CapacityFlags): void {
  const others = Object.keys(flags).filter((flag) => flag !== stored && !SHOW_FLAGS.has(flag));
  const words = [
    ...(name === undefined ? [] : [`the profile ${name}`]),
    ...others.map((flag) => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
  ];
  if (words.length === 0) return;
  throw new OperatingError(
    'ERR_USAGE',
    `Cannot change a search that is stored: current value has ${words.join(', ')} beside --${stored}; drop what is ` +
      'beside it, or search anew',
  );
}

/** Flags that say nothing of a search. */
const SHOW_FLAGS: ReadonlySet<string> = new Set(['plan', 'out', 'json', 'quiet']);

function planFrom(io: Io, path: string, flags: CapacityFlags): void {
  const result = readCapacity(path);
  show(io, result, { flags, directory: null, plan: planOf(flags, result.of) });
}

function planOf({ plan }: CapacityFlags, of: StoredQuestion['of']): PlanQuestion | null {
  return plan === undefined ? null : parsePlan(plan, of);
}

async function newQuestion(io: Io, name: string | undefined, flags: CapacityFlags): Promise<StoredQuestion> {
  const wishes = readSearchFlags(flags);
  const file = name === undefined ? NO_FILE : findProfile(name);
  const { profile, startLoad, warmupUs } = searchBase({
    ...wishes,
    file,
    environment: io.env,
    flags: { ...flags },
    sets: flags.set ?? [],
  });
  const machine = wishes.of === 'connections' ? await connectionCeiling(profile) : null;
  const startedAt = new Date();
  return {
    version: CAPACITY_VERSION,
    tool: packageFacts(),
    id: createRunId(startedAt, name === undefined ? profile.label : `capacity-${profile.label}`),
    of: wishes.of,
    startedAt: startedAt.toISOString(),
    target: profile.target ?? 'the built-in target',
    label: profile.label,
    goal: goalOf(wishes, startLoad, machine),
    trialSeconds: wishes.measuredUs / 1e6,
    warmupSeconds: warmupUs / 1e6,
    lossRatioMax: wishes.lossRatioMax,
    limitUs: wishes.limitUs,
    thresholds: profile.thresholds.map(({ expr }) => expr),
    profile,
  };
}

interface SearchJob {
  question: StoredQuestion;
  trials: ReturnType<typeof readSearch>['trials'];
  record: CapacityRecord;
  flags: CapacityFlags;
  plan: PlanQuestion | null;
}

async function search(io: Io, { question, trials, record, flags, plan }: SearchJob): Promise<void> {
  const stopSwitch = new StopSwitch();
  const signalled = (): void => {
    stopSwitch.request();
    io.stderr.write('stopping: this trial is given up, and what was found is kept\n');
  };
  for (const signal of STOP_SIGNALS) process.on(signal, signalled);
  try {
    const result = await searchCapacity({
      question,
      trials,
      record,
      stopSwitch,
      calibrations: knownCalibrations(io),
      observer: createCapacityView(io, flags.quiet === true),
    });
    show(io, result, { flags, directory: record.directory, plan });
    process.exitCode = exitCodeOf(result);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, signalled);
    record.close();
  }
}

function show(
  io: Io,
  result: CapacityResult,
  { flags, directory, plan }: { flags: CapacityFlags; directory: string | null; plan: PlanQuestion | null },
): void {
  const options = { color: wantsColor(io.stdout, io.env), directory, ...(plan === null ? {} : { plan }) };
  io.stdout.write(flags.json === true ? jsonText(result) : renderCapacity(result, options));
}

/** What was asked for is found, or why not. */
function exitCodeOf({ ending, goal, bounds }: CapacityResult): ExitCode {
  switch (ending) {
    case 'found':
      return EXIT.passed;
    case 'ceiling':
      return goal.ceiling?.by === 'asked' && bounds.lower === goal.ceiling.load ? EXIT.passed : EXIT.invalid;
    case 'nothing':
      return EXIT.thresholdFailed;
    case 'unsettled':
      return EXIT.inconclusive;
    case 'interrupted':
      return EXIT.interrupted;
    case 'unreached':
      return EXIT.noConnection;
    default:
      throw ending satisfies never;
  }
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

const NO_FILE: ProfileFile = { name: 'capacity', text: null, file: null };

const CAPACITY_HELP = `
A trial passes when every threshold of the profile holds, no more than --loss of its frames are lost, and the generator kept
out of the way. Without thresholds, --loss alone decides. Loads double until a trial fails and are then bisected; a load is
carried when most of its trials pass. The profile's duration, stages and rates are the search's own; its warm-up (1s where it
has none) precedes each trial. --of connections sets connections.count, holds them with heartbeats, and sends no frames unless
load.rate (-r) gives each connection some.

A search takes some 45 trials: 9 minutes with 10s each. Its trials are runs below its directory, and 'tidemark report
<directory>/<run>' shows one.

Exit codes: 0 found (or all of --max is carried), 99 not even the lowest load is carried, 104 bad usage or profile,
105 interrupted, 120 at least so much, and then the generator was the limit, 122 no bounds so narrow, 123 no connection.

Examples:
  tidemark capacity --target 127.0.0.1:7007 -c 200 --threshold 'response.p99 < 20ms'
  tidemark capacity steady --target 127.0.0.1:7007 --plan 'peak=200k/s headroom=30%'
  tidemark capacity --of connections --target 127.0.0.1:7007
  tidemark capacity --from runs/2026-11-28T10-00-00Z-capacity-steady-1a2b --plan 'peak=500k/s headroom=40% spare=1'`;
