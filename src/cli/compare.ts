import { Command, Option } from 'commander';
import { OUT_DIRECTORY_DEFAULT } from '../store/run-files.ts';
import { FLAGS, flagSyntax } from '../profile/flags.ts';
import { OperatingError } from '../base/errors.ts';
import { readComparison } from '../campaign/compare-record.ts';
import { questionOfStored, resolveComparison } from '../campaign/stored-comparison.ts';
import { compareRuns } from '../analysis/compare/compare-runs.ts';
import { driveAndCompare } from './compare-drive.ts';
import type { CompareFlags } from './compare-flags.ts';
import { checkOutputs, showComparison } from './compare-output.ts';
import { compareStoredRuns } from './compare-runs.ts';
import { outDirectory, type Io } from './io.ts';

/**
 * `tidemark compare`: is release B slower than release A? Drives pairs of runs, or takes stored ones.
 * Its action throws OperatingError when the flags are bad, a server does not come up, or runs may not be compared.
 */
export function compareCommand(io: Io): Command {
  const command = new Command('compare')
    .description('compare two releases by pairs of runs that take turns, or by stored runs')
    .argument(
      '[comparison]',
      'print a stored comparison again: its id, a unique prefix, its directory or latest',
    )
    .optionsGroup('What is compared:')
    .option('--a <target|command>', 'release A: where it listens, or a command that starts it for each run')
    .option('--b <target|command>', 'release B, which is judged')
    .option('--baseline <run...>', 'stored runs of release A')
    .option('--candidate <run...>', 'stored runs of release B')
    .option('--profile <profile>', 'a built-in profile or a YAML file; flags alone make one too')
    .optionsGroup('How:')
    .option('--pairs <n>', 'pairs of runs, in the order ABBA with a random first', '8')
    .option('--gate <metrics>', GATE_HELP)
    .option('--delta <percent>', 'the smallest change that matters', '5%')
    .option('--delta-bad <percent>', 'the smallest difference of bad.ratio that matters', '0.1%')
    .option('--confidence <share>', 'of all gating metrics together', '0.95')
    .option('--gate-unpaired', 'let runs that were not interleaved fail the comparison, too')
    .option('--force', 'compare runs that are not alike, and say so on the result')
    .option('--cooldown <duration>', 'pause between runs', '1s')
    .option('--ready-timeout <duration>', 'how long a command may take to listen at --target', '10s')
    .option(
      '--stop-timeout <duration>',
      'how long a command may take to end after SIGTERM, before SIGKILL, and to free --target',
      '5s',
    )
    .optionsGroup('Results:')
    .option('--out <dir>', `where runs are stored (default: ${OUT_DIRECTORY_DEFAULT})`)
    .option('--json', 'print the comparison as JSON')
    .option('--markdown <file>', 'write it as Markdown for a pull request; - prints that instead of the page')
    .option('--junit <file>', 'write the gating metrics to this file as JUnit test cases')
    .option('--quiet', 'print no progress')
    .optionsGroup('Profile keys (each also TIDEMARK_<FLAG> in the environment):');
  for (const flag of FLAGS) {
    const option = new Option(flagSyntax(flag), flag.help);
    command.addOption(flag.repeatable ? option.argParser(collect) : option);
  }
  return command
    .option('--set <path=value>', 'set any key of the profile, repeatable', collect)
    .addHelpText('after', COMPARE_HELP)
    .action((reference: string | undefined, flags: CompareFlags) =>
      compareAction(io, command, { reference, flags }),
    );
}

async function compareAction(
  io: Io,
  command: Command,
  { reference, flags }: { reference: string | undefined; flags: CompareFlags },
): Promise<void> {
  const given = Object.keys(flags).filter((name) => command.getOptionValueSource(name) === 'cli');
  const mode = modeOf(reference, flags);
  refuseStrangers(mode, given);
  checkOutputs(flags);
  if (mode === 'again') {
    const directory = resolveComparison(outDirectory(io, flags.out), reference ?? '');
    const question = questionOfStored(readComparison(directory), false);
    return showComparison(io, flags, { question, comparison: compareRuns(question), directory });
  }
  return mode === 'stored' ? compareStoredRuns(io, flags) : driveAndCompare(io, flags);
}

type Mode = 'again' | 'stored' | 'drive';

function modeOf(reference: string | undefined, flags: CompareFlags): Mode {
  const sides = (names: readonly (keyof CompareFlags)[]): boolean =>
    names.some((name) => flags[name] !== undefined);
  const modes: Mode[] = [
    ...(reference === undefined ? [] : (['again'] as const)),
    ...(sides(['baseline', 'candidate']) ? (['stored'] as const) : []),
    ...(sides(['a', 'b']) ? (['drive'] as const) : []),
  ];
  const [mode] = modes;
  const complete: Record<Mode, readonly (keyof CompareFlags)[]> = {
    again: [],
    stored: ['baseline', 'candidate'],
    drive: ['a', 'b'],
  };
  const missing = mode === undefined ? [] : complete[mode].filter((name) => flags[name] === undefined);
  if (mode !== undefined && modes.length === 1 && missing.length === 0) return mode;
  throw new OperatingError(
    'ERR_USAGE',
    'Cannot compare: give --a and --b (targets or commands), or --baseline and --candidate (stored runs), or a stored ' +
      `comparison; ${missing.length > 0 ? `--${missing.join(' and --')} is missing` : modes.length === 0 ? 'nothing of it was given' : 'more than one of them was given'}`,
  );
}

/** Flags that would do nothing are refused, or somebody believes that they did. */
function refuseStrangers(mode: Mode, given: readonly string[]): void {
  if (mode === 'drive')
    return refuse(given, new Set(['gateUnpaired', 'force']), 'runs that the comparison drives itself');
  const known = mode === 'again' ? OUTPUT_FLAGS : new Set([...OUTPUT_FLAGS, ...STORED_FLAGS]);
  const strangers = given.filter((name) => !known.has(name));
  refuse(strangers, new Set(strangers), mode === 'again' ? 'a stored comparison' : 'stored runs');
}

function refuse(given: readonly string[], refused: ReadonlySet<string>, beside: string): void {
  const words = given.filter((name) => refused.has(name)).map((name) => `--${dashed(name)}`);
  if (words.length === 0) return;
  throw new OperatingError(
    'ERR_USAGE',
    `Cannot use ${words.join(', ')} with ${beside}, where it changes nothing; drop it`,
  );
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

const OUTPUT_FLAGS: ReadonlySet<string> = new Set(['out', 'json', 'markdown', 'junit', 'quiet']);
const STORED_FLAGS = [
  'baseline',
  'candidate',
  'gate',
  'delta',
  'deltaBad',
  'confidence',
  'gateUnpaired',
  'force',
] as const;

const GATE_HELP =
  'at most 3 of response.p50, response.p90, response.p99, response.p99.9, throughput.frames, bad.ratio, by commas ' +
  '(default response.p50,response.p99,bad.ratio; without replies throughput.frames,bad.ratio)';

const COMPARE_HELP = `
A command is started anew for each run by /bin/sh, must listen at --target within --ready-timeout, and is stopped with all that it
has started. Runs are stored as any other, and the comparison beside them, so that an end before its time loses nothing.

Verdicts: same (the whole interval lies within delta), better or worse (the interval leaves out 0 and the estimate is at least
delta), inconclusive, invalid (too few runs whose generator was sound). Runs are never added until something is found.

Exit codes: 0 same or better (or unpaired runs without --gate-unpaired), 104 bad usage, 105 interrupted, 120 invalid, 121 worse,
122 inconclusive, 123 a server did not come up, ended, or kept its address.

Examples:
  tidemark compare --a 127.0.0.1:7001 --b 127.0.0.1:7002 -c 100 -R 20k/s -T 30s --warmup 5s
  tidemark compare --a './v1 --port 7007' --b './v2 --port 7007' --target 127.0.0.1:7007 --profile steady
  tidemark compare --baseline before-1 before-2 before-3 --candidate after-1 after-2 after-3
  tidemark compare latest --markdown comment.md --junit compare.xml`;
