import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { LiveView, formatProgressLine, type Progress } from '../../src/report/progress.ts';

const PROGRESS: Progress = {
  elapsedSeconds: 3.02,
  totalSeconds: 10,
  phase: 'measure',
  openNow: 1000,
  dialsPerSecond: 12.5,
  framesPerSecond: 41_152,
  responseP50Us: 320,
  responseP99Us: 1543,
  errors: 2,
};

function collector(terminal: { isTTY?: boolean; columns?: number }): {
  stream: PassThrough;
  text: () => string;
} {
  const stream = Object.assign(new PassThrough(), terminal);
  return { stream, text: () => String(stream.read() ?? '') };
}

test('formatProgressLine tells elapsed of total, connections, rates, response times and errors', () => {
  expect(formatProgressLine(PROGRESS)).toBe(
    '3s of 10s | 1,000 open | 41.2k frames/s | p50 320us p99 1.54ms | 2 errors | 12.5 dials/s',
  );
});

test('formatProgressLine names warm-up and drain, and shows no time where none came', () => {
  expect(formatProgressLine({ ...PROGRESS, phase: 'warmup' })).toMatch(/^3s of 10s warm-up \|/);
  const drain: Progress = { ...PROGRESS, phase: 'drain', responseP50Us: null, responseP99Us: null };
  expect(formatProgressLine(drain)).toMatch(/^3s of 10s draining \|.*\| p50 - p99 - \|/);
});

test('LiveView cuts the live line to the terminal, so that it never wraps', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
  new LiveView(stream).update(PROGRESS);
  const written = String(stream.read());
  expect(written).toContain('3s of 10s | 1,000 open');
  expect(written).not.toContain('errors');
});

test('LiveView writes a plain line an interval where there is no terminal', () => {
  const { stream, text } = collector({});
  const view = new LiveView(stream);
  view.update(PROGRESS);
  view.update({ ...PROGRESS, elapsedSeconds: 4 });
  view.done();
  const lines = [formatProgressLine(PROGRESS), formatProgressLine({ ...PROGRESS, elapsedSeconds: 4 })];
  expect(text()).toBe(`${lines.join('\n')}\n`);
});

test('LiveView keeps one line current on a terminal, takes it away at the end and leaves the cursor', () => {
  const { stream, text } = collector({ isTTY: true, columns: 120 });
  const view = new LiveView(stream);
  view.update(PROGRESS);
  const first = text();
  expect(stripVTControlCharacters(first).trim()).toBe(formatProgressLine(PROGRESS));
  view.update({ ...PROGRESS, errors: 3 });
  expect(text()).toContain('\u001B[1A');
  view.done();
  const end = text();
  expect(end).toContain('\u001B[2K');
  expect(first + end).not.toContain('\u001B[?25l');
});
