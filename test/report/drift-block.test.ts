import { expect, test } from 'vitest';
import type { DriftAnalysis } from '../../src/analysis/drift/drift.ts';
import { driftLines } from '../../src/report/drift-block.ts';
import { createPaint } from '../../src/report/paint.ts';

const PAINT = createPaint(false);

function analysis(overrides: Partial<DriftAnalysis>): DriftAnalysis {
  return {
    tooShort: null,
    startSeconds: 5,
    endSeconds: 3605,
    intervals: { used: 3600, spoiled: 0, widthSeconds: 1, joined: false },
    findings: [],
    quiet: ['response p50', 'throughput'],
    notJudged: [],
    ...overrides,
  };
}

test('driftLines says what was checked and found quiet', () => {
  const notJudged = [
    { series: 'dial p99', reason: 'it has no values' },
    { series: 'errors', reason: 'it has no values' },
  ];
  expect(driftLines(analysis({ notJudged }), PAINT)).toEqual([
    'drift  nothing drifts (3600 intervals from 00:00:05 to 01:00:05)',
    'quiet: response p50, throughput',
    'not judged: dial p99, errors (it has no values)',
  ]);
});

test('driftLines gives each finding a sentence with start, size and interval', () => {
  const facts = { unit: 'us', p: 1e-6 } as const;
  const lines = driftLines(
    analysis({
      intervals: { used: 3500, spoiled: 100, widthSeconds: 1, joined: false },
      quiet: [],
      findings: [
        {
          ...facts,
          kind: 'trend',
          series: 'response p99',
          startSeconds: 720,
          level: 12_000,
          slopePerHour: { value: 3100, low: 2200, high: 4000 },
          change: { value: 3100, low: 2200, high: 4000 },
        },
        {
          ...facts,
          kind: 'step',
          series: 'throughput',
          unit: 'perSecond',
          startSeconds: 90_061,
          level: 1000,
          change: { value: -200, low: -230, high: -180 },
        },
        {
          ...facts,
          kind: 'cycle',
          series: 'service p99',
          startSeconds: 22,
          level: 2000,
          peak: 45_000,
          periodSeconds: 37.012,
          periodErrorSeconds: 0.19,
          phaseSeconds: 22,
          share: 0.58,
          windowShare: 0.1,
        },
      ],
    }),
    PAINT,
  );
  expect(lines).toEqual([
    'drift  3 findings (3500 intervals from 00:00:05 to 01:00:05, 100 spoiled by the generator left out)',
    'response p99 rises by 3.1ms an hour (2.2ms to 4ms), since 00:12:00: 3.1ms in all (+26% of the median)',
    'throughput steps down by 200/s (180/s to 230/s) at 1d 01:01:01, from 1k/s (-20%)',
    'service p99 stalls every 37.0s (within 0.2s), first at 00:00:22: 45ms then, 2ms as a rule; 58% of its worst ' +
      'intervals come at that point of the cycle (10% by chance)',
  ]);
});

test('driftLines says when percentiles are approximate', () => {
  const lines = driftLines(
    analysis({ intervals: { used: 100, spoiled: 0, widthSeconds: 60, joined: true } }),
    PAINT,
  );
  expect(lines.at(-1)).toContain('joined approximately');
});

test('driftLines says why nothing was judged', () => {
  expect(driftLines(analysis({ tooShort: 'too short' }), PAINT)).toEqual(['drift: too short']);
});
