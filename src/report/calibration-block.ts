import type { Calibration } from '../store/calibration-file.ts';
import { formatShort, formatUs } from './human.ts';
import type { Paint } from './paint.ts';
import { tableLines } from './text-table.ts';

/** What a calibration found, and what may have disturbed it. */
export function calibrationLines(calibration: Calibration, paint: Paint): string[] {
  const { shape, engine, ceiling, dialsPerSecond, noise, score } = calibration;
  const rows = [
    ['shape', shape],
    [
      'ceiling',
      `${rate(ceiling.framesPerSecondMax, 'frames')} (${rate(ceiling.framesPerSecond, 'frames')} beside the null target)`,
    ],
    [
      'a second of processor time',
      ceiling.framesPerCpuSecond === null ? 'unknown' : `${formatShort(ceiling.framesPerCpuSecond)} frames`,
    ],
    ['dials', dialsPerSecond === null ? 'unknown' : rate(dialsPerSecond, 'dials')],
    [
      `noise at ${rate(noise.ratePerSecond, 'frames')}`,
      `response ${times(noise.response)}, send lag ${times(noise.sendLag)}`,
    ],
  ];
  const columns = [
    { head: '', align: 'left' },
    { head: '', align: 'left' },
  ] as const;
  const busy =
    score >= SCORE_QUIET
      ? []
      : [
          paint.yellow(
            `something else used this machine (health ${score.toFixed(2)}): calibrate again when it is quiet`,
          ),
        ];
  return [paint.bold(`calibrated, ${engine} engine`), ...tableLines(columns, rows), ...busy];
}

function rate(perSecond: number, what: string): string {
  return `${formatShort(perSecond)} ${what}/s`;
}

function times({ p50, p99 }: Calibration['noise']['response']): string {
  return p50 === null || p99 === null ? 'unknown' : `p50 ${formatUs(p50)} p99 ${formatUs(p99)}`;
}

/** From here on single moments at most were disturbed. */
const SCORE_QUIET = 0.8;
