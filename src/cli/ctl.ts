import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { CommandError, formatCommand, parseCommand } from '../coordinator/live/command.ts';
import { jsonText } from '../store/json-file.ts';
import { controlPath } from '../store/control-path.ts';
import type { RunEvent } from '../store/run-event.ts';
import { OUT_DIRECTORY_DEFAULT, RUN_FILES } from '../store/run-files.ts';
import { resolveRun } from '../store/run-store.ts';
import { outDirectory, type Io } from './io.ts';

/**
 * `tidemark ctl <run> <command>`: changes a run that is on.
 * Its action throws OperatingError when there is no such run, it is over, or it refuses (ERR_USAGE, ERR_STORE).
 */
export function ctlCommand(io: Io): Command {
  return new Command('ctl')
    .description('change a run that is on')
    .argument('<run>', "its id, a prefix that no other run has, its directory, or 'latest'")
    .argument('<command...>', 'what to do, see below')
    .option('--out <dir>', `where runs are stored (default: ${OUT_DIRECTORY_DEFAULT})`)
    .option('--json', 'print what took effect as JSON')
    .addHelpText('after', CTL_HELP)
    .action(async (reference: string, words: string[], options: { out?: string; json?: boolean }) => {
      const line = commandLine(words);
      const event = await ask(resolveRun(outDirectory(io, options.out), reference), line);
      if (!event.ok) throw new OperatingError('ERR_USAGE', `The run refuses '${line}': ${event.effect}`);
      io.stdout.write(
        options.json === true
          ? jsonText(event)
          : `${event.command} at ${event.atSeconds.toFixed(3)}s of the run: ${event.effect}\n`,
      );
    });
}

/** Checked here as well, so that a slip is told as one, run or no run. */
function commandLine(words: string[]): string {
  try {
    return formatCommand(parseCommand(words.join(' ')));
  } catch (error) {
    if (error instanceof CommandError) throw new OperatingError('ERR_USAGE', error.message);
    throw error;
  }
}

/** Sends one line to the run in `directory` and waits for its answer. */
async function ask(directory: string, line: string): Promise<RunEvent> {
  const name = basename(directory);
  if (existsSync(join(directory, RUN_FILES.summary))) {
    throw new OperatingError('ERR_STORE', `Cannot change run ${name}: it is over`);
  }
  if (!existsSync(join(directory, RUN_FILES.control))) {
    throw new OperatingError(
      'ERR_STORE',
      `Cannot change run ${name}: it has no ${RUN_FILES.control}, so it has not begun, is ending or was killed`,
    );
  }
  try {
    const path = controlPath(directory);
    try {
      return JSON.parse(await exchange(path.path, line)) as RunEvent;
    } finally {
      path.release();
    }
  } catch (error) {
    const why = describeSystemError(error);
    throw new OperatingError(
      'ERR_STORE',
      `Cannot change run ${name}: its control socket does not answer (${why}); the run was killed, is another ` +
        "user's, or is just ending",
    );
  }
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(path, () => socket.write(`${line}\n`));
    socket
      .setEncoding('utf8')
      .setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('it closed without an answer')));
    socket.on('data', (text: string) => {
      answer += text;
      if (!answer.includes('\n')) return;
      resolve(answer);
      socket.destroy();
    });
  });
}

/** How long a run may take to answer: its coordinator may be merging intervals. */
const ANSWER_MS_MAX = 5000;

const CTL_HELP = `
Commands:
  pause            no new frames from now on; connections stay up, heartbeats go on
  resume           on with the rate from before the pause
  rate <rate>      frames a second over all connections, for example 10k/s (open model)
  connections <n>  so many connections; at most what the plan has at one time
  stop             send nothing new, await what is owed, and end: the verdict decides the exit code

In a run with cohorts write rate <cohort>:<rate> and connections <cohort>:<n>.
What a command sets, later stages no longer change. Every command is kept with the run and shown in its report.

Examples:
  tidemark ctl latest rate 20k/s
  tidemark ctl latest stop`;
