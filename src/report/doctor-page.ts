import type { Diagnosis, DoctorVerdict, PlanDiagnosis } from '../doctor/diagnosis.ts';
import type { Finding } from '../doctor/finding.ts';
import { doctorBlocks, synLine } from './doctor-blocks.ts';
import { formatBytes, formatCount, formatSeconds, formatShort } from './human.ts';
import { calibrationLines } from './calibration-block.ts';
import { createPaint, type Paint } from './paint.ts';
import { besideLines, tableLines, type Column } from './text-table.ts';

/** The doctor's findings as one page: what will bind first, then the machine. */
export function renderDiagnosis(diagnosis: Diagnosis, options: { color: boolean; width: number }): string {
  const paint = createPaint(options.color);
  const blocks = doctorBlocks(diagnosis).map(({ head, rows }) => [
    paint.bold(head),
    ...tableLines(PLAIN, rows),
  ]);
  const sections = [
    ...(diagnosis.plan === null ? [] : [planLines(diagnosis.plan, diagnosis, paint)]),
    besideLines(blocks, options.width),
    [synLine(diagnosis.synSchedule)],
    ...(diagnosis.calibration === null ? [] : [calibrationLines(diagnosis.calibration, paint)]),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function planLines(plan: PlanDiagnosis, { verdict }: Diagnosis, paint: Paint): string[] {
  const [head = '', ...rows] = tableLines(
    LIMIT_COLUMNS,
    plan.findings.map((finding) => rowOf(finding, paint)),
  );
  const advised = plan.findings.filter(({ advice }) => advice !== null);
  const advices = advised.map(({ limit, advice, verdict: judged }) => {
    const name = judged === 'binds' ? paint.red(limit) : paint.yellow(limit);
    return `${name}: ${advice ?? ''}`;
  });
  return [
    verdictLine(plan, verdict, paint),
    '',
    paint.bold(head),
    ...rows,
    ...(advices.length === 0 ? [] : ['', ...advices]),
  ];
}

/** What is not known may bind all the same, so the line promises no more than is known. */
function verdictLine({ label, findings }: PlanDiagnosis, verdict: DoctorVerdict, paint: Paint): string {
  if (!verdict.ok) {
    return `${paint.bold(paint.red('BINDS'))}  ${label} will meet a limit: ${verdict.binding.join(', ')}`;
  }
  const scope = findings.some(({ verdict: judged }) => judged === 'unknown') ? 'nothing known' : 'nothing';
  return `${paint.bold(paint.green('FITS'))}  ${scope} of this machine will bind ${label}`;
}

function rowOf(finding: Finding, paint: Paint): string[] {
  const { limit, needed, available, verdict } = finding;
  return [limit, quantity(needed, finding), quantity(available, finding), verdictWord(verdict, paint)];
}

function verdictWord(verdict: Finding['verdict'], paint: Paint): string {
  switch (verdict) {
    case 'fits':
      return paint.green(verdict);
    case 'tight':
    case 'unknown':
      return paint.yellow(verdict);
    case 'binds':
      return paint.red(verdict);
    default:
      throw verdict satisfies never;
  }
}

function quantity(value: number | null, { unit }: Finding): string {
  if (value === null) return '-';
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'seconds') return formatSeconds(value);
  if (value === Number.MAX_SAFE_INTEGER) return 'unlimited';
  // A quota may be a part of a CPU.
  return Number.isInteger(value) ? formatCount(value) : formatShort(value);
}

const PLAIN: readonly Column[] = [
  { head: '', align: 'left' },
  { head: '', align: 'left' },
];

const LIMIT_COLUMNS: readonly Column[] = [
  { head: 'limit', align: 'left' },
  { head: 'needed', align: 'right' },
  { head: 'available', align: 'right' },
  { head: 'verdict', align: 'left' },
];
