import { expect, test } from 'vitest';
import { renderRunList, runListEntries } from '../../src/report/run-list.ts';
import type { ListedRun } from '../../src/store/run-store.ts';
import { sampleManifest, sampleSummary, sampleThreshold } from '../support/sample-run.ts';

const FINISHED: ListedRun = {
  id: 'finished-run',
  directory: 'runs/finished-run',
  state: 'finished',
  manifest: sampleManifest(),
  summary: sampleSummary(),
  fault: null,
};
const UNFINISHED: ListedRun = { ...FINISHED, id: 'b', state: 'unfinished', summary: null };
const DAMAGED: ListedRun = {
  ...UNFINISHED,
  id: 'c',
  state: 'damaged',
  manifest: null,
  fault: 'Cannot read c/run.json',
};

test('renderRunList has a line a run, and what is wrong with the damaged ones below', () => {
  expect(renderRunList([FINISHED, UNFINISHED, DAMAGED], { color: false }).split('\n')).toEqual([
    'run           verdict     target          time  connections  frames/s  response p99',
    'finished-run  passed      127.0.0.1:4000   10s           98     41.2k        29.8ms',
    'b             unfinished  127.0.0.1:4000     -            -         -             -',
    'c             damaged     -                  -            -         -             -',
    '',
    'Cannot read c/run.json',
    '',
  ]);
});

test('renderRunList tells invalid from failed', () => {
  const judged = (ok: boolean, valid: boolean): ListedRun => {
    const summary = sampleSummary();
    return { ...FINISHED, summary: { ...summary, verdict: { ...summary.verdict, ok, valid } } };
  };
  const page = renderRunList([judged(false, true), judged(false, false)], { color: false });
  expect(page).toMatch(/failed.*\n.*invalid/);
});

test('runListEntries has the same keys for every run', () => {
  const [finished, , damaged] = runListEntries([FINISHED, UNFINISHED, DAMAGED]);
  expect(finished).toEqual({
    id: 'finished-run',
    directory: 'runs/finished-run',
    state: 'finished',
    label: 'smoke',
    startedAt: '2026-11-23T17:10:00.000Z',
    target: '127.0.0.1:4000',
    ok: true,
    valid: true,
    thresholds: [],
    fault: null,
  });
  expect(Object.keys(damaged ?? {})).toEqual(Object.keys(finished ?? {}));
});

test('run lists say how many thresholds failed, and what each came to', () => {
  const summary = sampleSummary();
  const thresholds = [
    sampleThreshold(),
    sampleThreshold({ expr: 'dials.refused == 0', ok: false, observed: 3 }),
  ];
  const failed: ListedRun = {
    ...FINISHED,
    summary: { ...summary, verdict: { ...summary.verdict, ok: false, thresholds } },
  };
  expect(renderRunList([failed], { color: false })).toContain('  failed 1 of 2  ');
  expect(runListEntries([failed, UNFINISHED]).map((entry) => entry.thresholds)).toEqual([
    [
      { expr: 'response.p99 < 50ms', ok: true, observed: 29_800 },
      { expr: 'dials.refused == 0', ok: false, observed: 3 },
    ],
    null,
  ]);
});
