import type { CompareQuestion } from '../analysis/compare/compare-runs.ts';
import type { Comparison } from '../analysis/compare/comparison.ts';
import { OperatingError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { renderCompareJunit } from '../report/compare-junit.ts';
import { renderCompareMarkdown } from '../report/compare-markdown.ts';
import { renderComparison } from '../report/compare-page.ts';
import { jsonText } from '../store/json-file.ts';
import type { CompareFlags } from './compare-flags.ts';
import { wantsColor, type Io } from './io.ts';
import { junitFile } from './junit-file.ts';
import { checkResultFile, writeResultFile, type ResultFile } from './result-file.ts';

/**
 * That what is asked for can be written, before anything is measured.
 * @throws {OperatingError} when a file cannot, or stdout is asked for twice (ERR_USAGE)
 */
export function checkOutputs({ json, markdown, junit }: CompareFlags): void {
  if (json === true && markdown === '-') {
    throw new OperatingError(
      'ERR_USAGE',
      'Cannot print both --json and --markdown - to stdout: name a file for one of them',
    );
  }
  if (junit !== undefined) checkResultFile(junitFile(junit));
  if (markdown !== undefined && markdown !== '-') checkResultFile(markdownFile(markdown));
}

/** Prints the comparison in the form asked for, writes the files, and sets the exit code. */
export function showComparison(
  io: Io,
  { json, markdown, junit }: CompareFlags,
  shown: { question: CompareQuestion; comparison: Comparison; directory: string | null },
): void {
  const { comparison, question, directory } = shown;
  const inMarkdown = markdown === undefined ? null : renderCompareMarkdown(comparison);
  if (json === true) io.stdout.write(jsonText(comparison));
  else if (markdown === '-') io.stdout.write(inMarkdown ?? '');
  else io.stdout.write(renderComparison(comparison, { color: wantsColor(io.stdout, io.env), directory }));
  process.exitCode = exitCodeOf(comparison);
  if (markdown !== undefined && markdown !== '-') writeResultFile(markdownFile(markdown), inMarkdown ?? '');
  if (junit !== undefined) {
    writeResultFile(junitFile(junit), renderCompareJunit(comparison, timesOf(question)));
  }
}

function timesOf({ a, b }: CompareQuestion): { startedAt: string; seconds: number } {
  const runs = [...a.runs, ...b.runs];
  const startedMs = Math.min(...runs.map((run) => run.startedMs));
  const endedMs = Math.max(...runs.map((run) => run.endedMs));
  if (!Number.isFinite(startedMs)) return { startedAt: new Date(0).toISOString(), seconds: 0 };
  return { startedAt: new Date(startedMs).toISOString(), seconds: (endedMs - startedMs) / 1000 };
}

/** Inconclusive and worse fail only what may fail; numbers that nobody may believe always do. */
function exitCodeOf({ verdict }: Comparison): ExitCode {
  if (verdict.interrupted) return EXIT.interrupted;
  if (verdict.word === 'invalid') return EXIT.invalid;
  if (!verdict.gates) return EXIT.passed;
  if (verdict.word === 'worse') return EXIT.regression;
  return verdict.word === 'inconclusive' ? EXIT.inconclusive : EXIT.passed;
}

function markdownFile(path: string): ResultFile {
  return { path, what: 'Markdown file', flag: '--markdown' };
}
