import { Command, CommanderError } from 'commander';
import { OperatingError } from '../base/errors.ts';
import { EXIT } from '../base/exit-codes.ts';
import { compareCommand } from './compare.ts';
import { capacityCommand } from './capacity.ts';
import { ctlCommand } from './ctl.ts';
import { doctorCommand } from './doctor.ts';
import { driftCommand } from './drift.ts';
import { processIo } from './io.ts';
import { packageFacts } from './package-facts.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { targetCommand } from './target.ts';

/** Reads the command line, runs the command and sets the exit code; nothing here prints a stack for a user's mistake. */
async function main(): Promise<void> {
  const io = processIo();
  for (const stream of [io.stdout, io.stderr]) stream.on('error', forgiveBrokenPipe);
  const { version } = packageFacts();
  const program = new Command('tidemark')
    .description('Load and soak tester for servers that speak framed TCP: every number says whose it is.')
    .version(version)
    .showHelpAfterError('(add --help for the accepted forms)')
    .addHelpText('after', EXIT_CODES_HELP);
  // Before the commands inherit it: a wrong flag then ends in our exit code instead of commander's own.
  program.exitOverride();
  const commands = [
    runCommand(io),
    targetCommand(io),
    compareCommand(io),
    capacityCommand(io),
    ctlCommand(io),
    reportCommand(io),
    driftCommand(io),
    runsCommand(io),
    doctorCommand(io),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** A reader that has seen enough (`| head`) and left is no failure, and a run goes on without it. */
function forgiveBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** The exit code of a failure, after telling the user what happened. Commander has printed its own messages. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
  if (error instanceof OperatingError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`This is a bug of Tidemark; please report it with the lines below.\n`);
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.bug;
}

const EXIT_CODES_HELP = `
Exit codes: 0 passed, 1 bug, 99 a threshold failed or no frame was answered, 104 bad usage or profile, 105 interrupted (results kept),
120 run invalid (the generator itself failed), 121 a release is worse, 122 inconclusive, 123 no connection could be made.`;

await main();
