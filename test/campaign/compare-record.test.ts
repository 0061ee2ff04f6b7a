import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CompareRecord, readComparison, type ComparePlan } from '../../src/campaign/compare-record.ts';
import { questionOfStored, resolveComparison } from '../../src/campaign/stored-comparison.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import { RULES } from '../support/compared-runs.ts';
import { sampleManifest, sampleSummary } from '../support/sample-run.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';

function planOf(id: string): ComparePlan {
  return {
    version: 1,
    id,
    name: 'release',
    startedAt: '2026-01-01T00:00:00.000Z',
    a: '127.0.0.1:1',
    b: './server',
    order: [
      ['a', 'b'],
      ['b', 'a'],
    ],
    rules: RULES,
  };
}

/** A comparison of which three of four runs have ended. */
function brokenOff(): { out: string; record: CompareRecord } {
  const out = scratchDirectory();
  const record = new CompareRecord(out, planOf('2026-compare-release'));
  const runs = ['a1', 'b1', 'b2'].map(
    (run, index) => ({ run, pair: index >> 1, side: run[0] === 'a' ? 'a' : 'b' }) as const,
  );
  for (const each of runs) {
    mkdirSync(join(out, each.run));
    writeFileSync(join(out, each.run, 'run.json'), JSON.stringify(sampleManifest({ id: each.run })));
    const summary = sampleSummary();
    summary.run.id = each.run;
    writeFileSync(join(out, each.run, 'summary.json'), JSON.stringify(summary));
    record.append(each);
  }
  record.close();
  return { out, record };
}

describe('a stored comparison', () => {
  test('that broke off in the middle of a line has the pairs whose runs have both ended', () => {
    const { out, record } = brokenOff();
    appendFileSync(join(record.directory, 'runs.jsonl'), '{"pair":1,"side":"a","ru');
    const stored = readComparison(record.directory);
    expect(stored).toMatchObject({ plan: planOf('2026-compare-release'), outDir: out });
    expect(stored.runs.map(({ run }) => run)).toEqual(['a1', 'b1', 'b2']);
    const question = questionOfStored(stored, false);
    expect(question).toMatchObject({ planned: 2, endedEarly: 'it broke off', interrupted: false });
    expect(question.a.runs.map(({ id }) => id)).toEqual(['a1']);
    expect(compareRuns(question).verdict).toMatchObject({
      word: 'inconclusive',
      reasons: ['it broke off, after 1 of 2 pairs'],
    });
  });

  test('that names a run outside its own directory is damaged', () => {
    const { record } = brokenOff();
    appendFileSync(join(record.directory, 'runs.jsonl'), '{"pair":1,"side":"a","run":"../../etc"}\n');
    expect(() => readComparison(record.directory)).toThrow(/runs\.jsonl:4: run: must name a run/);
  });

  test('is found by its id, a prefix, its directory, or as the latest', () => {
    const { out, record } = brokenOff();
    new CompareRecord(out, planOf('2027-compare-release')).close();
    expect(resolveComparison(out, 'latest')).toBe(join(out, '2027-compare-release'));
    for (const reference of ['2026', '2026-compare-release', record.directory]) {
      expect(resolveComparison(out, reference)).toBe(record.directory);
    }
    expect(() => resolveComparison(out, '20')).toThrow('holds 2, of which 2 fit');
    expect(() => resolveComparison(join(out, 'none'), 'latest')).toThrow('Cannot list the comparisons');
    expect(() => readComparison(join(out, 'a1'))).toThrow('must be a directory with comparison.json in it');
  });
});
