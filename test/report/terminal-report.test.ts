import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { analyzeDrift } from '../../src/analysis/drift/drift.ts';
import { renderReport } from '../../src/report/terminal-report.ts';
import type { Summary } from '../../src/store/summary.ts';
import { histogramsOf, sampleSummary, sampleThreshold } from '../support/sample-run.ts';

const PLAIN = { color: false, width: 100 };

function golden(name: string): string {
  return fileURLToPath(new URL(`../fixtures/report/${name}.txt`, import.meta.url));
}

/** Everything that can go wrong in one run. */
function troubledSummary(): Summary {
  const summary = sampleSummary();
  return {
    ...summary,
    run: { ...summary.run, seconds: 4.11, loadModel: 'open', endedEarly: 'every session had ended' },
    verdict: {
      ok: false,
      valid: false,
      reasons: ['shard 1 was lost and its frames with it'],
      thresholds: [
        sampleThreshold(),
        sampleThreshold({ expr: 'errors.rate < 0.1%', unit: 'share', ok: false, observed: 0.0123 }),
        sampleThreshold({ windowSeconds: 5, worstAtMs: 7000 }),
        sampleThreshold({ expr: 'heartbeat.p99 < 1s', ok: false, observed: null }),
        sampleThreshold({ expr: 'dial.max < 1s', windowSeconds: 30, ok: false, observed: null }),
      ],
    },
    dials: {
      ...summary.dials,
      bySynRetransmits: { '0': 95, '1': 2, '4': 1 },
      stalled: 3,
      timedOut: 4,
      localLimit: 5,
      abandoned: 6,
      attempted: 115,
    },
    connections: {
      ...summary.connections,
      openAtEnd: 2,
      closedUnread: 3,
      bytesUnread: 204,
      closedUnacked: 2,
      bytesUnacked: 12_288,
      ghosts: 1,
      reconnects: { total: 9, byDial: { refused: 4 }, bySession: { reset: 5 } },
    },
    frames: { ...summary.frames, lost: 12, duplicate: 3, reordered: 4, corrupt: 5, unsent: 6 },
    events: [
      { atSeconds: 1.25, command: 'rate 5k/s', ok: true, effect: '5k/s over all connections' },
      { atSeconds: 2, command: 'resume', ok: false, effect: 'the run is not paused' },
    ],
    writes: {
      stalls: 7,
      partial: [
        {
          cause: 'write-timeout',
          count: 2,
          bytesAccepted: 40_960,
          bytesUnsent: 24_576,
          bytesAcked: 2_560_000,
          bytesUnacked: 12_288,
          exact: true,
        },
        {
          cause: 'reset',
          count: 3,
          bytesAccepted: 0,
          bytesUnsent: 128_000,
          bytesAcked: null,
          bytesUnacked: null,
          exact: false,
        },
      ],
    },
    reads: {
      partial: [
        { cause: 'peer-closed-mid-frame', count: 2, bytesReceived: 68 },
        { cause: 'read-timeout-mid-frame', count: 1, bytesReceived: 1_048_579 },
      ],
    },
    addresses: [
      { address: '127.0.0.1:4000', attempted: 58, connected: 50 },
      { address: '[::1]:4000', attempted: 57, connected: 48 },
    ],
    shards: [
      { index: 0, state: 'finished', reason: null },
      { index: 1, state: 'lost', reason: 'it ran out of memory' },
    ],
    notes: ['certificates were not checked (--tls-insecure): the target may be anyone'],
  };
}

test('renderReport prints a sound closed-model run as the golden page', async () => {
  const page = renderReport(sampleSummary(), { ...PLAIN, directory: 'runs/2026-11-23T17-10-00Z-smoke-3f2a' });
  await expect(page).toMatchFileSnapshot(golden('sound'));
});

test('renderReport prints a run in which everything went wrong as the golden page', async () => {
  await expect(renderReport(troubledSummary(), PLAIN)).toMatchFileSnapshot(golden('troubled'));
});

test('renderReport breaks long lines between words on a terminal, and leaves them whole elsewhere', () => {
  const narrow = { ...PLAIN, width: 60 };
  const whole = renderReport(troubledSummary(), narrow);
  const broken = renderReport(troubledSummary(), { ...narrow, wrap: true });
  expect(whole.split('\n').some((line) => line.length > 60)).toBe(true);
  expect(broken.split('\n').filter((line) => line.length > 60)).toEqual([]);
  expect(broken.split(/\s+/)).toEqual(whole.split(/\s+/));
});

test('renderReport in colour has the text of the plain page', () => {
  const colored = renderReport(troubledSummary(), { color: true, width: 100 });
  expect(colored).not.toBe(stripVTControlCharacters(colored));
  expect(stripVTControlCharacters(colored)).toBe(renderReport(troubledSummary(), PLAIN));
});

test.each([
  { ok: true, valid: true, word: 'PASSED' },
  { ok: false, valid: true, word: 'FAILED' },
  { ok: true, valid: false, word: 'INVALID' },
  { ok: false, valid: false, word: 'INVALID' },
])('renderReport begins with $word when ok is $ok and valid is $valid', ({ ok, valid, word }) => {
  const summary = sampleSummary();
  summary.verdict = { ...summary.verdict, ok, valid };
  expect(renderReport(summary, PLAIN).split(' ')[0]).toBe(word);
});

test.each([
  { loadModel: 'closed', said: true },
  { loadModel: 'open', said: false },
] as const)('renderReport of the $loadModel model says so: $said', ({ loadModel, said }) => {
  const summary = sampleSummary();
  summary.run.loadModel = loadModel;
  const caveat =
    'closed model: each connection waits for its reply, so these times do not measure latency under a given load';
  expect(renderReport(summary, PLAIN).includes(caveat)).toBe(said);
});

test('renderReport shows no percentile that has less than one value above it', () => {
  const summary = sampleSummary();
  const rowWith = (count: number): string[] => {
    summary.histograms = histogramsOf({ response: Array.from({ length: count }, () => 5) }).summaries();
    const row = renderReport(summary, PLAIN)
      .split('\n')
      .find((line) => line.startsWith('response'));
    return (row ?? '').split(/ {2,}/).slice(4, 9);
  };
  expect(rowWith(1)).toEqual(['-', '-', '-', '-', '-']);
  expect(rowWith(2)).toEqual(['5us', '-', '-', '-', '-']);
  expect(rowWith(99)).toEqual(['5us', '5us', '-', '-', '-']);
  expect(rowWith(100)).toEqual(['5us', '5us', '5us', '-', '-']);
  expect(rowWith(10_000)).toEqual(['5us', '5us', '5us', '5us', '5us']);
});

test('renderReport of a run without a connection has no table of times and no error', () => {
  const summary = sampleSummary();
  const page = renderReport(
    { ...summary, histograms: histogramsOf({}).summaries(), errors: [], sessions: {} },
    PLAIN,
  );
  expect(page).not.toMatch(/p99|errno|NaN|undefined|null/);
});

test('renderReport tells drift, but of no run that is too short for it or whose plan changes the load', () => {
  const drift = analyzeDrift([]);
  const judged = { ...drift, tooShort: null, quiet: ['throughput'] };
  const summary = sampleSummary();
  expect(renderReport(summary, { ...PLAIN, drift: judged })).toContain('\ndrift  nothing drifts');
  expect(renderReport(summary, { ...PLAIN, drift })).not.toContain('drift');
  const stages = [{ durationUs: 1e6, ratePerSecond: null, connections: 10 }];
  const staged = { ...summary, run: { ...summary.run, profile: { ...summary.run.profile, stages } } };
  expect(renderReport(staged, { ...PLAIN, drift: judged })).not.toContain('drift');
});
