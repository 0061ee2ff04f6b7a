import { Command, Option } from 'commander';

import { BACKLOG_DEFAULT } from '../target/limits.ts';
import type { FaultTruth } from '../target/fault/fault-book.ts';
import type { TargetCounters, TargetReport } from '../target/target-counters.ts';
import { startTarget } from '../target/target.ts';
import { faultList, faultSummary, faultTable, TARGET_EXAMPLES } from './fault-list.ts';
import { pageWidth, type Io } from './io.ts';
import { parseTargetFlags, type TargetFlags } from './target-flags.ts';

/** `tidemark target`: serves the built-in target until it is told to stop. */
export function targetCommand(io: Io): Command {
  return new Command('target')
    .description('serve the built-in target: an echo server for every framing')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', '7007')
    .option('--unix <path>', 'listen on a unix socket instead')
    .option('--frame <spec>', 'how frames are delimited: u32be, varint, delim:\\n, ...', 'u32be')
    .option('--frame-max <size>', 'largest payload; a longer one closes its connection', '1MiB')
    .option('--preface <bytes>', 'sent once on every connection, before frames')
    .option('--expect-preface <bytes>', 'must come first on every connection, else it is closed')
    .option('--mode <mode>', 'echo: answer every frame; sink: read and never answer', 'echo')
    .option('--backlog <number>', 'connections the kernel may hold ready for accept', String(BACKLOG_DEFAULT))
    .option('--tls-cert <file>', 'serve TLS with this certificate (PEM)')
    .option('--tls-key <file>', 'private key of the certificate (PEM)')
    .option('--tls-client-ca <file>', 'demand client certificates of this authority (PEM)')
    .option('--tls-alpn <names>', 'protocols to offer, best first, separated by commas')
    .option(
      '--fault <form>',
      "misbehave, like 'reset-after:10kB@5%'; may be given several times (see --list-faults)",
      (form: string, before: string[] | undefined) => [...(before ?? []), form],
    )
    .option('--seed <number>', 'decides which connections and frames faults are laid on', '1')
    .addOption(
      new Option(
        '--list-faults [form]',
        'print every fault, what it does and what a correct tester reports, and end',
      )
        .choices(['text', 'markdown'])
        .preset('text'),
    )
    .option('--json', 'print the counters at the end as one line of JSON')
    .option('--exit-with-parent', 'stop when stdin ends, so that no target outlives what started it')
    .addHelpText('after', `${TARGET_EXAMPLES}${faultSummary()}`)
    .action((flags: TargetFlags) =>
      flags.listFaults === undefined ? serveTarget(io, flags) : listFaults(io, flags.listFaults),
    );
}

function listFaults(io: Io, form: 'text' | 'markdown'): void {
  io.stdout.write(form === 'markdown' ? faultTable() : faultList(pageWidth(io.stdout)));
}

async function serveTarget(io: Io, flags: TargetFlags): Promise<void> {
  const target = await startTarget(parseTargetFlags(flags));
  const startMs = performance.now();
  const stopped = stopRequested(flags.exitWithParent === true);
  // Whoever started the target may be gone when the counters are printed; then nobody misses them.
  io.stdout.on('error', () => undefined);
  io.stdout.write(`listening on ${target.address}\n`);
  if (!target.loopback) {
    io.stderr.write(
      `Warning: ${target.address} can be reached from other machines, without authentication\n`,
    );
  }
  await stopped;
  const seconds = Math.round(performance.now() - startMs) / 1000;
  const report: TargetReport = { version: 1, address: target.address, seconds, ...(await target.close()) };
  io.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : formatReport(report));
}

/** Resolves at the first SIGINT or SIGTERM (a second one ends the process at once), or when stdin ends. */
function stopRequested(withStdin: boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      if (withStdin) process.stdin.destroy();
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    if (withStdin) process.stdin.once('end', stop).once('error', stop).resume();
  });
}

const GROUPS = [
  'connections',
  'frames',
  'bytes',
  'prefaces',
  'writes',
] as const satisfies (keyof TargetCounters)[];

function formatReport(report: TargetReport): string {
  const lines = GROUPS.map((group) => {
    const counts = Object.entries(report[group]).map(([name, count]) => `${words(name)} ${count}`);
    return `  ${group.padEnd(12)} ${counts.join(', ')}\n`;
  });
  const faults = report.faults.map(formatFault);
  return `closed ${report.address} after ${report.seconds} s\n${lines.join('')}${faults.join('')}`;
}

function formatFault({ fault, connections, counts, intervals }: FaultTruth): string {
  const parts = Object.entries(counts).map(([name, count]) => `${words(name)} ${count}`);
  const times = intervals.map(
    ({ startMs, endMs }) => `from ${startMs} ms to ${endMs === null ? 'the end' : `${endMs} ms`}`,
  );
  return `  fault ${fault}: ${[`connections ${connections}`, ...parts, ...times].join(', ')}\n`;
}

/** `openAtEnd` as `open at end`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
