import { FLAGS, flagAttribute, flagSyntax } from '../../src/profile/flags.ts';
import { BASE_LOAD, type Expectation } from './expectation.ts';
import { EXPECTATIONS, SAME_WIRE } from './expectations.ts';

/** Between these lines docs/faults.md shows what the tests expect. */
export const TABLE_BEGIN = '<!-- expectations: begin -->';
export const TABLE_END = '<!-- expectations: end -->';

/** The flags of the run and of its target beside the common ones, as they are typed. */
export function loadText({ load = {}, backlog }: Expectation): string {
  return flagsOf({ ...load, ...(backlog === undefined ? {} : { backlog: String(backlog) }) });
}

/** All expectations as a Markdown table in a quotation. */
export function expectationTable(): string {
  const rows = EXPECTATIONS.map((row) => {
    const { faults, claims, epollClaims = [], because = '', node } = row;
    const wire = SAME_WIRE.every((claim) => claims.includes(claim)) ? ['same wire'] : [];
    const own = claims.filter((claim) => !SAME_WIRE.includes(claim) || wire.length === 0);
    const said = [...own.map(code), ...wire, ...epollClaims.map((claim) => `epoll: ${code(claim)}`)];
    const engine = node === false ? ['epoll alone'] : [];
    const flags = loadText(row);
    const run = [...faults.map(code), ...(flags === '' ? [] : [code(flags)]), ...engine];
    return [run.join('<br>'), said.join('<br>'), because];
  });
  const head = ['faults and flags', 'what the summary says', 'note'];
  const table = [head, head.map(() => '---'), ...rows]
    .map((cells) => `> | ${cells.join(' | ')} |\n`)
    .join('');
  const wire = SAME_WIRE.map(code).join(', ');
  return `Flags of every run: ${code(flagsOf(BASE_LOAD))}.\n\n"Same wire" stands for ${wire}.\n\n${table}`;
}

/** A table without the padding that a formatter chooses. */
export function unpadded(table: string): string {
  return table.replace(/ +/g, ' ').replace(/-{3,}/g, '---').trim();
}

function flagsOf(load: Readonly<Record<string, string>>): string {
  return Object.entries(load)
    .map(([name, value]) => `--${NAMES.get(name) ?? name} ${quoted(value)}`)
    .join(' ');
}

function quoted(value: string): string {
  return value.includes(' ') ? `'${value}'` : value;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Long names of the flags by the names that the profile's loader takes. */
const NAMES: ReadonlyMap<string, string> = new Map(
  FLAGS.map((flag) => [flagAttribute(flag), /--([a-z-]+)/.exec(flagSyntax(flag))?.[1] ?? '']),
);
