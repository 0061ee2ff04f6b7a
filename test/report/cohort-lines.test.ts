import { expect, test } from 'vitest';

import { cohortLines } from '../../src/report/cohort-lines.ts';
import type { CohortSummary, Summary } from '../../src/store/summary.ts';
import { histogramsOf, sampleSummary } from '../support/sample-run.ts';

function cohortOf(overrides: Partial<CohortSummary>): CohortSummary {
  return {
    ...sampleSummary(),
    planned: 98,
    loadModel: 'open',
    socket: null,
    histograms: histogramsOf({}).summaries(),
    ...overrides,
  };
}

function withCohorts(cohorts: Summary['cohorts']): Summary {
  return { ...sampleSummary(), cohorts };
}

test('cohortLines says nothing of a run without cohorts', () => {
  expect(cohortLines(sampleSummary())).toEqual([]);
});

test('cohortLines has a row a cohort: connections, rate, times and errors beside one another', () => {
  const idle = cohortOf({
    planned: 100,
    errors: [],
    histograms: histogramsOf({ heartbeat: [300, 400] }).summaries(),
  });
  const bulk = cohortOf({ histograms: histogramsOf({ response: [1000, 2000, 5000] }).summaries() });
  expect(cohortLines(withCohorts({ idle, bulk }))).toMatchInlineSnapshot(`
    [
      "cohort  connections  frames/s  response p50  p99  max  heartbeat p99  errors",
      "idle      98 of 100     41.2k             -    -    -          400us       0",
      "bulk             98     41.2k           2ms  5ms  5ms              -       3",
    ]
  `);
});
