import { Command } from 'commander';
import { summarizeBrokenRun } from '../coordinator/broken-run.ts';
import { isHeld } from '../coordinator/run-hold.ts';
import { renderReport } from '../report/terminal-report.ts';
import { jsonText } from '../store/json-file.ts';
import { OUT_DIRECTORY_DEFAULT } from '../store/run-files.ts';
import { hasEnded, readManifest, readRun, resolveRun } from '../store/run-store.ts';
import type { Summary } from '../store/summary.ts';
import { JUNIT_HELP, writeJunitFile } from './junit-file.ts';
import { outDirectory, pageLayout, wantsColor, type Io } from './io.ts';
import { storedDrift } from './stored-drift.ts';

/**
 * `tidemark report <run>`: a stored run as a page, or its summary as JSON; of a run that broke off, what it had come to.
 * Its action throws OperatingError when the run cannot be found or read (ERR_STORE).
 */
export function reportCommand(io: Io): Command {
  return new Command('report')
    .description('print a stored run')
    .argument('<run>', "its id, a prefix that no other run has, its directory, or 'latest'")
    .option('--out <dir>', `where runs are stored (default: ${OUT_DIRECTORY_DEFAULT})`)
    .option('--json', 'print summary.json')
    .option('--junit <file>', JUNIT_HELP)
    .action(async (reference: string, options: { out?: string; json?: boolean; junit?: string }) => {
      const directory = resolveRun(outDirectory(io, options.out), reference);
      const summary = await summaryOf(directory);
      if (options.junit !== undefined) writeJunitFile(options.junit, summary);
      io.stdout.write(
        options.json === true
          ? jsonText(summary)
          : renderReport(summary, {
              color: wantsColor(io.stdout, io.env),
              ...pageLayout(io.stdout),
              directory,
              drift: storedDrift(io, directory),
            }),
      );
    });
}

async function summaryOf(directory: string): Promise<Summary> {
  readManifest(directory);
  if (hasEnded(directory)) return readRun(directory).summary;
  const stillOn = await isHeld(directory);
  // It may have ended meanwhile.
  return hasEnded(directory) ? readRun(directory).summary : summarizeBrokenRun(directory, stillOn);
}
