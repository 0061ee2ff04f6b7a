import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { renderRunList, runListEntries } from '../report/run-list.ts';
import { jsonText } from '../store/json-file.ts';
import { OUT_DIRECTORY_DEFAULT } from '../store/run-files.ts';
import { listRuns } from '../store/run-store.ts';
import { outDirectory, wantsColor, type Io } from './io.ts';

/**
 * `tidemark runs`: the stored runs, the latest first.
 * Its action throws OperatingError when the directory cannot be read (ERR_STORE).
 */
export function runsCommand(io: Io): Command {
  return new Command('runs')
    .description('list stored runs')
    .option('--out <dir>', `where runs are stored (default: ${OUT_DIRECTORY_DEFAULT})`)
    .option('--json', 'print the list as JSON')
    .action((options: { out?: string; json?: boolean }) => {
      const directory = outDirectory(io, options.out);
      const runs = listRuns(directory);
      if (options.json === true) {
        io.stdout.write(jsonText(runListEntries(runs)));
      } else if (runs.length === 0) {
        const why = existsSync(directory) ? '' : ': there is no such directory';
        io.stderr.write(`No runs in ${directory}${why}\n`);
      } else {
        io.stdout.write(renderRunList(runs, { color: wantsColor(io.stdout, io.env) }));
      }
    });
}
