import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { CAPACITY_VERSION, type CapacityTrial } from '../../src/analysis/capacity/capacity-result.ts';
import {
  CapacityRecord,
  readCapacity,
  readSearch,
  type StoredQuestion,
} from '../../src/campaign/capacity-record.ts';
import { sampleManifest } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { GOAL } from '../support/simulated-search.ts';

function question(): StoredQuestion {
  const { tool, profile, target, label, startedAt } = sampleManifest();
  return {
    version: CAPACITY_VERSION,
    tool,
    id: 'a-search',
    of: 'rate',
    startedAt,
    target,
    label,
    goal: GOAL,
    trialSeconds: 10,
    warmupSeconds: 1,
    lossRatioMax: 0.001,
    limitUs: null,
    thresholds: [],
    profile,
  };
}

function trial(number: number): CapacityTrial {
  return {
    number,
    load: 1000,
    purpose: 'search',
    verdict: 'good',
    run: 'r',
    reasons: [],
    figures: null,
    held: null,
  };
}

test('CapacityRecord keeps what was asked and every trial, and drops a last line that a kill has torn', () => {
  const record = CapacityRecord.create(join(scratchDirectory(), 'deep', 'out'), question());
  record.append(trial(1));
  record.append(trial(2));
  record.close();
  appendFileSync(join(record.directory, 'trials.jsonl'), '{"number":3,"lo');
  expect(readSearch(record.directory)).toEqual({ question: question(), trials: [trial(1), trial(2)] });
  const again = CapacityRecord.continue(record.directory);
  again.append(trial(3));
  again.close();
  expect(readSearch(record.directory).trials).toEqual([trial(1), trial(2), trial(3)]);
});

test('readSearch names the line that is damaged', () => {
  const record = CapacityRecord.create(scratchDirectory(), question());
  record.append(trial(1));
  record.close();
  appendFileSync(join(record.directory, 'trials.jsonl'), '{"number":"two"}\n');
  expect(() => readSearch(record.directory)).toThrow(/trials\.jsonl:2: number/);
});

test('readCapacity says what to do about a search without a result', () => {
  const record = CapacityRecord.create(scratchDirectory(), question());
  record.close();
  expect(() => readCapacity(record.directory)).toThrow(/--resume/);
});
