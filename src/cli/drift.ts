import { basename } from 'node:path';
import { Command } from 'commander';
import { analyzeDrift, type DriftAnalysis } from '../analysis/drift/drift.ts';
import { EXIT } from '../base/exit-codes.ts';
import { driftLines } from '../report/drift-block.ts';
import { sentenceOf } from '../report/drift-words.ts';
import { createPaint } from '../report/paint.ts';
import { OUT_DIRECTORY_DEFAULT } from '../store/run-files.ts';
import { readIntervals, resolveRun } from '../store/run-store.ts';
import { outDirectory, wantsColor, type Io } from './io.ts';

/**
 * `tidemark drift <run>`: what changed in the course of a stored run, ended or not.
 * Its action throws OperatingError when the run cannot be found or read (ERR_STORE).
 */
export function driftCommand(io: Io): Command {
  return new Command('drift')
    .description('say what drifted in a stored run: trends, steps and periodic stalls')
    .argument('<run>', "its id, a prefix that no other run has, its directory, or 'latest'")
    .option('--out <dir>', `where runs are stored (default: ${OUT_DIRECTORY_DEFAULT})`)
    .option('--json', 'print the findings as JSON')
    .option('--fail-on-drift', 'exit 99 when something drifts')
    .addHelpText('after', DRIFT_HELP)
    .action((reference: string, flags: DriftFlags) => {
      const directory = resolveRun(outDirectory(io, flags.out), reference);
      const drift = analyzeDrift(readIntervals(directory));
      io.stdout.write(
        flags.json === true
          ? `${JSON.stringify(driftToJson(basename(directory), drift), null, 2)}\n`
          : `${driftLines(drift, createPaint(wantsColor(io.stdout, io.env))).join('\n')}\n`,
      );
      if (flags.failOnDrift === true && drift.findings.length > 0) process.exitCode = EXIT.thresholdFailed;
    });
}

interface DriftFlags {
  out?: string;
  json?: true;
  failOnDrift?: true;
}

function driftToJson(run: string, drift: DriftAnalysis): object {
  const findings = drift.findings.map((finding) => ({ words: sentenceOf(finding), ...finding }));
  return { run, ...drift, findings };
}

const DRIFT_HELP = `
Looks at response, service and dial percentiles, throughput, errors, reconnects and the generator's memory, without the warm-up
and without intervals that the generator spoiled. At least 60 intervals are needed. A run that is still going on, or broke off,
is judged as far as it came.

Exit codes: 0 judged, whatever was found, 99 something drifts (--fail-on-drift), 104 no such run.

Examples:
  tidemark drift latest
  tidemark drift latest --json --fail-on-drift`;
