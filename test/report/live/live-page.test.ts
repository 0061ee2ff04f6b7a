import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { LiveFigures } from '../../../src/report/live/live-figures.ts';
import { livePage, type LivePageOptions } from '../../../src/report/live/live-page.ts';
import { createPaint } from '../../../src/report/paint.ts';
import type { IntervalHealth } from '../../../src/store/health-summary.ts';
import type { RunEvent } from '../../../src/store/run-event.ts';
import { mergedInterval } from '../../support/sample-merged.ts';

const OK: IntervalHealth = { level: 'ok', warned: [], invalid: [], signals: {} };
const DISTURBED: IntervalHealth = {
  level: 'invalid',
  warned: ['sendLag'],
  invalid: ['cpuWait'],
  signals: {},
};
const PAUSED: RunEvent = { atSeconds: 100, command: 'pause', ok: true, effect: 'no new frames' };
const OPTIONS: LivePageOptions = {
  label: 'soak',
  totalSeconds: 259_200,
  events: [],
  columns: 80,
  rows: 40,
  paint: createPaint(false),
};

/** Two minutes of a run with two cohorts in which trouble begins at the end of the first. */
function troubled(): LiveFigures {
  const figures = new LiveFigures(['idle', 'bulk']);
  for (let second = 0; second < 120; second++) {
    const late = second >= 90;
    const failed = late ? 2 : 0;
    const counts = { framesMatched: 10_000, dialsAttempted: failed, 'session:read-timeout': failed } as const;
    const totals = { openNow: 1000, 'dial:connected': 1060, framesMatched: (second + 1) * 10_000 } as const;
    const response = Array.from({ length: 100 }, (_, index) => (late ? 10 : 1) * (300 + index * 10));
    figures.add(
      mergedInterval(second, {
        counts,
        totals: { ...totals, 'session:read-timeout': Math.max(0, second - 89) * 2 },
        response,
        health: late ? DISTURBED : OK,
        cohorts: [{ totals: { openNow: 900 } }, { counts, totals: { openNow: 100 }, response }],
      }),
    );
  }
  return figures;
}

function calm(): LiveFigures {
  const figures = new LiveFigures();
  figures.add(mergedInterval(0, { counts: { framesMatched: 10, openNow: 5 }, response: [300], health: OK }));
  return figures;
}

describe('livePage', () => {
  test.each([80, 120])('is quiet and whole at %i columns', async (columns) => {
    const lines = livePage(troubled().standing(), { ...OPTIONS, columns, events: [PAUSED] });
    const golden = new URL(`../../fixtures/report/live-${columns}.txt`, import.meta.url);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(fileURLToPath(golden));
  });

  test.each([10, 40, 80, 120])('has no line that could wrap at %i columns', (columns) => {
    for (const figures of [troubled(), calm()]) {
      const lines = livePage(figures.standing(), { ...OPTIONS, columns });
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
    }
  });

  test('leaves the last row of a low terminal to the cursor', () => {
    expect(livePage(troubled().standing(), { ...OPTIONS, rows: 8 })).toHaveLength(7);
  });

  test('stands before the first interval', () => {
    const page = livePage(new LiveFigures().standing(), OPTIONS).join('\n');
    expect(page).toContain('0s of 3d00h');
    expect(page).toContain('0 live');
    expect(page).not.toContain('NaN');
  });

  test('says paused until the run goes on, and tells a refusal as one', () => {
    const head = (events: readonly RunEvent[]): string =>
      livePage(calm().standing(), { ...OPTIONS, events })[0] ?? '';
    const resumed = { ...PAUSED, command: 'resume' };
    expect(head([PAUSED])).toContain('paused');
    expect(head([PAUSED, resumed])).toContain('measuring');
    const refused = { ...PAUSED, command: 'resume', ok: false, effect: 'the run is not paused' };
    const page = livePage(calm().standing(), { ...OPTIONS, events: [refused] });
    expect(page).toContain('control      resume at 1m40s refused: the run is not paused');
  });

  test('counts errors of the last minute apart from those of the run', () => {
    const figures = troubled();
    const page = livePage(figures.standing(), OPTIONS).join('\n');
    expect(page).toContain('errors       60 in the last minute, 60 in all: 60 read-timeout');
    for (let second = 120; second < 185; second++) {
      figures.add(mergedInterval(second, { totals: { 'session:read-timeout': 60 } }));
    }
    expect(livePage(figures.standing(), OPTIONS).join('\n')).toContain('none in the last minute, 60 in all');
  });
});
