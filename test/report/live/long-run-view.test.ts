import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';

import { LongRunView } from '../../../src/report/live/long-run-view.ts';
import { createPaint } from '../../../src/report/paint.ts';
import { mergedInterval } from '../../support/sample-merged.ts';

const FACTS = { label: 'soak', totalSeconds: 600, paint: createPaint(false) };

function viewOn(terminal: { isTTY?: boolean; columns?: number; rows?: number }): {
  view: LongRunView;
  text: () => string;
} {
  const stream = Object.assign(new PassThrough(), terminal);
  return { view: new LongRunView(stream, FACTS), text: () => String(stream.read() ?? '') };
}

function second(index: number): ReturnType<typeof mergedInterval> {
  return mergedInterval(index, { counts: { framesMatched: 100, openNow: 7 }, response: [500] });
}

test('LongRunView writes a line a minute of the last minute where there is no terminal', () => {
  const { view, text } = viewOn({});
  for (let index = 0; index < 150; index++) view.update(second(index));
  view.event({ atSeconds: 150, command: 'pause', ok: true, effect: 'no new frames' });
  view.done();
  expect(text().split('\n')).toEqual([
    '1m00s of 10m00s | 7 open | 100 frames/s | p50 500us p99 500us | 0 errors | 0 dials/s',
    '2m00s of 10m00s | 7 open | 100 frames/s | p50 500us p99 500us | 0 errors | 0 dials/s',
    '',
  ]);
});

test('LongRunView renews its page in place, takes it away at the end and leaves the cursor', () => {
  const { view, text } = viewOn({ isTTY: true, columns: 80, rows: 24 });
  view.started(['idle', 'bulk']);
  view.update(second(0));
  const first = text();
  expect(stripVTControlCharacters(first)).toContain('1s of 10m00s');
  view.update(second(1));
  const next = text();
  // In one piece, which terminals show at once: nothing flickers.
  expect(next.startsWith('\u001B[?2026h') && next.endsWith('\u001B[?2026l')).toBe(true);
  expect(stripVTControlCharacters(next)).toContain('2s of 10m00s');
  view.event({ atSeconds: 2, command: 'pause', ok: true, effect: 'no new frames' });
  expect(stripVTControlCharacters(text())).toContain('paused');
  view.event({ atSeconds: 3, command: 'rate 5/s', ok: true, effect: '5/s over all connections' });
  view.update(second(2));
  expect(stripVTControlCharacters(text())).toContain('control      rate 5/s at 3s');
  view.done();
  const end = text();
  expect(end).toContain('\u001B[2K');
  expect(first + next + end).not.toContain('\u001B[?25l');
});
