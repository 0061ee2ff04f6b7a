import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/measure/metric.ts';
import { SESSION_OUTCOMES } from '../../../src/measure/outcome.ts';
import { figureNames, findFigure } from '../../../src/profile/threshold/figures.ts';
import { sampleSummary } from '../../support/sample-run.ts';

const PAGE = readFileSync(new URL('../../../docs/thresholds.md', import.meta.url), 'utf8');
const NAMES = figureNames('');

describe('figureNames', () => {
  it('are all found, each under its own name', () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
    for (const name of NAMES) expect(findFigure(name)?.name).toBe(name);
  });

  it('stand in docs/thresholds.md', () => {
    const [plain, timed] = [NAMES, METRICS].map((names) => names.map((name) => `\`${name}\``));
    const shown = (plain ?? []).filter((name) => {
      return !name.startsWith('`sessions.') && !METRICS.some((metric) => name.startsWith(`\`${metric}.`));
    });
    expect([...shown, ...(timed ?? [])].filter((name) => !PAGE.includes(name))).toEqual([]);
    expect(PAGE).toContain('`sessions.<outcome>`');
  });

  it('has every count of a summary', () => {
    const { dials, connections, frames, bytes, heartbeats } = sampleSummary();
    for (const [group, fields] of Object.entries({ dials, connections, frames, bytes, heartbeats })) {
      for (const [field, value] of Object.entries(fields)) {
        if (typeof value === 'number') expect(NAMES).toContain(`${group}.${field}`);
      }
    }
    for (const outcome of SESSION_OUTCOMES) expect(NAMES).toContain(`sessions.${outcome}`);
  });
});
