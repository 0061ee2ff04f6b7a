import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import type { Comparison } from '../../src/analysis/compare/comparison.ts';
import { renderCompareJunit } from '../../src/report/compare-junit.ts';
import { renderCompareMarkdown } from '../../src/report/compare-markdown.ts';
import { renderComparison } from '../../src/report/compare-page.ts';
import { questionOf, syntheticRun } from '../support/compared-runs.ts';
import { parseXml } from '../support/xml.ts';

/** Eight pairs, B being slower by this factor and spread by this share. */
function comparisonOf(slower: number, spread: number, change: Partial<Comparison> = {}): Comparison {
  const scatter = (place: number): number => 1 + spread * Math.sin(place * 2.4);
  const runs = (side: string, first: number, factor: number): ReturnType<typeof syntheticRun>[] =>
    Array.from({ length: 8 }, (_, pair) => {
      const place = pair * 2 + first;
      return syntheticRun({ id: `${side}${pair}`, place, slower: factor * scatter(place) });
    });
  return { ...compareRuns(questionOf({ a: runs('a', 0, 1), b: runs('b', 1, slower) })), ...change };
}

const page = (comparison: Comparison): string =>
  renderComparison(comparison, { color: false, directory: null });

describe('renderComparison', () => {
  test('says the verdict first, then each metric with its change, interval and verdict', () => {
    const text = page(comparisonOf(1.2, 0.01));
    const lines = text.split('\n');
    expect(lines[0]).toBe(
      'WORSE  release: B against A · 8 pairs · 95% confidence over 3 gating metrics together · delta 5%, bad.ratio 0.1%',
    );
    expect(lines[1]).toBe('because response.p50 is worse');
    expect(text).toMatch(/^gate +metric +A +B +change +98\.3% interval +verdict$/m);
    expect(text).toMatch(/^\* +response\.p50 +\d+us +\d+us +\+\d+\.\d% +\+\d+\.\d% to \+\d+\.\d% +worse$/m);
    expect(text).toMatch(/^\* +bad\.ratio +0% +0% +0 points .* same$/m);
    expect(text).toMatch(/^ +throughput\.frames .* same$/m);
  });

  test('says what would settle an inconclusive one, and that its runs cannot be added to', () => {
    expect(page(comparisonOf(1, 0.2))).toMatch(
      /^response\.p50: the interval holds 0 and reaches beyond delta; (a new comparison of about \d+|more than 64) pairs would/m,
    );
  });

  test('shows on its face what was forced, left out, and that drift was not controlled', () => {
    const { design, verdict } = comparisonOf(1, 0.01);
    const text = page(
      comparisonOf(1, 0.01, {
        design: { ...design, kind: 'unpaired' },
        verdict: { ...verdict, gates: false },
        differences: ['engine: node and epoll'],
        leftOut: [{ run: 'x', side: 'b', reason: 'invalid: late' }],
        notes: ['a note'],
      }),
    );
    expect(text).toContain('FORCED although not alike: engine: node and epoll');
    expect(text).toContain('drift not controlled: ');
    expect(text).toContain('this fails nothing (--gate-unpaired)');
    expect(text).toContain('left out: x (B), invalid: late');
    expect(text).toContain('note: a note');
  });
});

describe('renderCompareMarkdown', () => {
  test('has the verdict as its heading and a table that nothing named by a user can break', () => {
    const text = renderCompareMarkdown(
      comparisonOf(1.2, 0.01, { name: 'v2 | <b> @team', a: { what: 'run `x` | y', runs: [] } }),
    );
    expect(text).toMatch(/^### v2 \\\| \\<b\\> @\u200bteam: worse$/m);
    expect(text).toMatch(/^\| gate \| `response\.p50` \| .* \| \*\*worse\*\* \|$/m);
    expect(text).toContain('A: `` run `x` | y ``');
    const table = text.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(table.slice(0, 8).map((line) => line.split(' | ').length))).toEqual(new Set([7, 1]));
  });
});

describe('renderCompareJunit', () => {
  const times = { startedAt: '2026-01-01T00:00:00.123Z', seconds: 200 };

  test('has a case for each gating metric, and worse is a failure', () => {
    const document = parseXml(renderCompareJunit(comparisonOf(1.2, 0.01), times));
    expect(document.attributes).toMatchObject({ tests: '5', failures: '2', errors: '0' });
  });

  test('tells inconclusive ones as errors, and as skipped where nothing may gate', () => {
    const inconclusive = comparisonOf(1, 0.2);
    expect(parseXml(renderCompareJunit(inconclusive, times)).attributes).toMatchObject({
      failures: '0',
      errors: '2',
    });
    const { verdict } = inconclusive;
    const skipped = renderCompareJunit({ ...inconclusive, verdict: { ...verdict, gates: false } }, times);
    expect(parseXml(skipped).children[0]?.attributes).toMatchObject({ errors: '0', skipped: '2' });
  });
});
