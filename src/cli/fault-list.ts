import { wrapLine } from '../report/text-table.ts';
import { FAULT_CATALOGUE, FAULT_NAMES, type FaultNeed } from '../target/fault/catalogue.ts';

/** What people start a target for, for `--help`: each command with what comes of it. */
export const TARGET_EXAMPLES = `
Examples:
  tidemark target
      an honest echo server on 127.0.0.1:7007; Ctrl-C prints what it counted
  tidemark run --target 127.0.0.1:7007 -c 10 -T 5s
      a load against it, from another terminal
  tidemark target --port 0 --frame 'delim:\\n'
      text lines, on a free port that the first line of the output names
  tidemark target --fault 'reset-after:10kB@5%' --fault delay:5ms --json
      resets 5% of the connections, delays every reply, and prints the truth of it
  tidemark target --fault never-accept --backlog 16
      lets the kernel complete 17 dials, and accepts none of them
`;

/** The forms of all faults, for `--help`. */
export function faultSummary(): string {
  const columns = Math.max(...FAULT_NAMES.map((name) => FAULT_CATALOGUE[name].syntax.length));
  const forms = FAULT_NAMES.map((name) => {
    const { syntax, example } = FAULT_CATALOGUE[name];
    return `  ${syntax.padEnd(columns)}  ${example}\n`;
  });
  return `\nFaults, each with an example (@SHARE lays one on a part of the connections; --list-faults explains them):\n${forms.join('')}`;
}

/** The table of docs/faults.md, as Markdown. */
export function faultTable(): string {
  const rows = FAULT_NAMES.map((name) => {
    const { syntax, scope, needs, effect, report } = FAULT_CATALOGUE[name];
    const form = `\`${syntax.replaceAll('|', '\\|')}\``;
    const wants = needs.map((need) => FAULT_NEEDS[need]).join('; ');
    return [form, scope === 'connection' ? 'yes' : 'no', effect, report, wants === '' ? '-' : wants];
  });
  const head = ['form', 'share', 'on the wire', 'a correct tester reports', 'needs'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Every fault with what it does and what a correct tester reports, as text of at most `width` columns. */
export function faultList(width: number): string {
  const entries = FAULT_NAMES.map((name) => {
    const { syntax, scope, needs, effect, report } = FAULT_CATALOGUE[name];
    const share = scope === 'connection' ? '[@SHARE]' : '';
    const wants = needs.length === 0 ? [] : [`needs: ${needs.map((need) => FAULT_NEEDS[need]).join('; ')}`];
    const lines = [`does: ${effect}`, `report: ${report}`, ...wants].map((text) => wrapped(text, width));
    return `${syntax}${share}\n${lines.join('')}`;
  });
  return entries.join('\n');
}

/** What each need of a fault means. */
const FAULT_NEEDS: Readonly<Record<FaultNeed, string>> = {
  libc: 'Linux with the optional package koffi',
  frames: 'a framing other than none',
  length: 'a length field that can tell more than --frame-max',
  empty: 'a framing that has empty frames',
  replies: '--mode echo',
  plain: 'no TLS',
  tcp: 'no unix socket',
};

/** `text` broken between words, indented, with a deeper indent from the second line on. */
function wrapped(text: string, width: number): string {
  return wrapLine(`  ${text}`, width, '    ')
    .map((line) => `${line}\n`)
    .join('');
}
