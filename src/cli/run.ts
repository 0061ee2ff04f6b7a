import { Command, Option } from 'commander';
import { resumeRun } from '../coordinator/resume-run.ts';
import { run, type RunOptions, type RunResult } from '../coordinator/run.ts';
import { StopSwitch } from '../coordinator/stop-switch.ts';
import { FLAGS, flagSyntax } from '../profile/flags.ts';
import { formatProfile, profileToJson } from '../profile/format-profile.ts';
import { loadProfile } from '../profile/load-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { describeBuiltIns, findProfile, type ProfileFile } from '../profile/profile-file.ts';
import { renderReport } from '../report/terminal-report.ts';
import { jsonText } from '../store/json-file.ts';
import { readManifest, resolveRun } from '../store/run-store.ts';
import { OUT_DIRECTORY_DEFAULT } from '../store/run-files.ts';
import { OperatingError } from '../base/errors.ts';
import { outDirectory, pageLayout, wantsColor, type Io } from './io.ts';
import { checkJunitFile, JUNIT_HELP, writeJunitFile } from './junit-file.ts';
import { knownCalibrations } from './known-calibrations.ts';
import { packageFacts } from './package-facts.ts';
import { createRunView, type RunView } from './run-view.ts';
import { STOP_SIGNALS } from './stop-signals.ts';
import { storedDrift } from './stored-drift.ts';
import { watchPid, WATCH_PID_HELP } from './watch-pid.ts';

/**
 * `tidemark run [profile]`: drives a load and prints what happened.
 * Its action throws OperatingError when the profile is bad or the run cannot start.
 */
export function runCommand(io: Io): Command {
  const command = new Command('run')
    .description('run a profile against a target; without one, the built-in target is started beside it')
    .argument('[profile]', 'a built-in profile (listed below) or a YAML file; flags alone make one too')
    .optionsGroup('Profile keys (each also TIDEMARK_<FLAG> in the environment):');
  for (const flag of FLAGS) {
    const option = new Option(flagSyntax(flag), flag.help);
    command.addOption(flag.repeatable ? option.argParser(collect) : option);
  }
  command
    .option('--set <path=value>', 'set any key of the profile, repeatable', collect)
    .option('--resume <run>', 'go on with a run that broke off: same plan, remaining time, same directory')
    .optionsGroup('Results:')
    .option('--out <dir>', `where runs are stored (default: ${OUT_DIRECTORY_DEFAULT})`)
    .option('--json', 'print summary.json instead of the page')
    .option('--junit <file>', JUNIT_HELP)
    .option('--quiet', 'print no progress')
    .option('--watch-pid <pid>', WATCH_PID_HELP)
    .option('--print-profile', 'print the effective profile as YAML (with --json as JSON) and do not run')
    .addHelpText('after', () => `${builtInHelp()}${RUN_HELP}`)
    .action((profile: string | undefined, flags: RunFlags) => runAction(io, profile, flags));
  return command;
}

/** The built-in profiles, each with what it is for, as their files say it. */
function builtInHelp(): string {
  const rows = describeBuiltIns();
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, purpose]) => `  ${name.padEnd(width)}  ${purpose}`);
  return ['', 'Built-in profiles (each a commented YAML file in profiles/):', ...lines, ''].join('\n');
}

interface RunFlags {
  set?: string[];
  out?: string;
  json?: true;
  junit?: string;
  quiet?: true;
  watchPid?: string;
  printProfile?: true;
  resume?: string;
}

async function runAction(io: Io, name: string | undefined, flags: RunFlags): Promise<void> {
  const outDir = outDirectory(io, flags.out);
  if (flags.resume !== undefined) {
    requireNoPlan(name, flags);
    const directory = resolveRun(outDir, flags.resume);
    const { profile } = readManifest(directory);
    return driveRun(io, flags, profile, (options) => resumeRun(directory, options));
  }
  const file = name === undefined ? NO_FILE : findProfile(name);
  const profile = loadProfile(file, io.env, { ...flags }, flags.set ?? []);
  if (flags.printProfile === true) {
    io.stdout.write(flags.json === true ? jsonText(profileToJson(profile)) : formatProfile(profile));
    return;
  }
  return driveRun(io, flags, profile, (options) => run({ ...options, profile, outDir }));
}

/** A resumed run follows the plan that it began with. */
function requireNoPlan(name: string | undefined, flags: RunFlags): void {
  const given = Object.keys(flags).filter((flag) => !RESUME_FLAGS.has(flag));
  const words = [
    ...(name === undefined ? [] : [`the profile ${name}`]),
    ...given.map((flag) => `--${dashed(flag)}`),
  ];
  if (words.length === 0) return;
  throw new OperatingError(
    'ERR_USAGE',
    `Cannot resume a run with another plan: current value has ${words.join(', ')} beside --resume; drop what is ` +
      'beside it, or start another run',
  );
}

function dashed(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Flags that say nothing of the plan. */
const RESUME_FLAGS: ReadonlySet<string> = new Set(['resume', 'out', 'json', 'junit', 'quiet', 'watchPid']);

type DriveOptions = Omit<RunOptions, 'profile' | 'outDir' | 'resumed'>;

async function driveRun(
  io: Io,
  flags: RunFlags,
  profile: Profile,
  drive: (options: DriveOptions) => Promise<RunResult>,
): Promise<void> {
  if (flags.junit !== undefined) checkJunitFile(flags.junit);
  const watched = flags.watchPid === undefined ? undefined : watchPid(flags.watchPid);
  const view = createRunView(io, profile, { quiet: flags.quiet === true, watched });
  const { observer } = view;
  const stopSwitch = new StopSwitch();
  const signalled = (): void => requestStop(io, view, stopSwitch);
  const asked = (): void => view.printSoFar();
  for (const signal of STOP_SIGNALS) process.on(signal, signalled);
  process.on('SIGUSR1', asked);
  try {
    const calibrations = knownCalibrations(io);
    const result = await drive({
      tool: packageFacts(),
      stopSwitch,
      observer,
      calibrations,
      ...(watched === undefined ? {} : { targetProcess: watched }),
    });
    view.done();
    io.stdout.write(flags.json === true ? jsonText(result.summary) : page(io, result));
    process.exitCode = result.exitCode;
    if (flags.junit !== undefined) writeJunitFile(flags.junit, result.summary);
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, signalled);
    process.off('SIGUSR1', asked);
  }
}

function requestStop(io: Io, view: RunView, stopSwitch: StopSwitch): void {
  stopSwitch.request();
  view.done();
  if (stopSwitch.requested === 'stop') io.stderr.write('stopping at once; what was delivered is kept\n');
  else io.stderr.write('draining: waiting for the replies that are owed; a second signal stops at once\n');
}

function page(io: Io, { summary, directory }: RunResult): string {
  return renderReport(summary, {
    color: wantsColor(io.stdout, io.env),
    ...pageLayout(io.stdout),
    directory,
    drift: storedDrift(io, directory),
  });
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

const NO_FILE: ProfileFile = { name: 'run', text: null, file: null };

const RUN_HELP = `
Units: 250ms, 10s, 1h30m; 64B, 4KiB (1024), 4kB (1000); 10k/s; a number without its unit is refused.

A key that may be unset is taken back by --set path=null. TIDEMARK_OUT stands for --out.
Thresholds: [cohort:]metric op value with < <= > >= == !=, for example 'response.p99 < 20ms', 'dials.refused == 0',
'errors.rate < 0.1%', 'throughput.frames > 9.9k/s'; quote them, since shells take < and > for themselves.
A run of 2 minutes or more shows a page that is renewed in place, or a line a minute where stderr is no terminal;
SIGUSR1 prints what a run has come to so far (kill -USR1 <pid>).
Exit codes: 0 passed, 99 a threshold failed or no frame was answered, 104 bad usage or profile, 105 interrupted, 120 invalid (the generator was the bottleneck), 123 no connection.

Examples:
  tidemark run smoke                                        the built-in target, 10 s
  tidemark run --target 127.0.0.1:7007 -c 1000 -T 30s       closed model, one frame in flight a connection
  tidemark run --target 127.0.0.1:7007 -c 1000 -R 20k/s     open model, 20,000 frames a second in all
  tidemark run -c 100 --stage 30s:10k/s --stage 1m:10k/s    a ramp to 10,000 frames a second, then a hold`;
