// In a network namespace of its own, so that the kernel's counters are those of this run alone: 40 dials against a
// target that never accepts. Prints what both sides and the kernel say, as one line of JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { kernelCounters } from './kernel-counters.js';

const BIN = fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));

function start(args) {
  return spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

const target = start(['target', '--port', '0', '--fault', 'never-accept', '--backlog', '16', '--json']);
const lines = createInterface({ input: target.stdout });
const [first] = await once(lines, 'line');
const [address] = /127\.0\.0\.1:\d+/.exec(first);
const last = once(lines, 'line');

const before = kernelCounters('TcpExt');
const load = [
  '--target',
  address,
  '-c',
  '40',
  '--connect-timeout',
  '3500ms',
  '--read-timeout',
  '5s',
  '-T',
  '10s',
];
const run = start(['run', ...load, '--engine', 'epoll', '--out', process.argv[2], '--json', '--quiet']);
const summary = JSON.parse(await textOf(run.stdout));
const after = kernelCounters('TcpExt');

target.kill('SIGINT');
const [truth] = await last;
const kernel = Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name]]));
process.stdout.write(JSON.stringify({ summary, truth: JSON.parse(truth), kernel }));
