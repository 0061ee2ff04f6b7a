import { describe, expect, test } from 'vitest';

import { ENGINES } from '../support/shard-run.ts';
import { judge, namesIn, type BothSides } from './claim.ts';
import { BASE_LOAD } from './expectation.ts';
import { EXPECTATIONS } from './expectations.ts';
import { loadText } from './expectation-table.ts';
import { faultRun } from './fault-run.ts';
import { doubleEntries, troublesOf } from './troubles.ts';

describe.each(ENGINES)(
  'the report of the $engine engine and the truth of a target',
  ({ engine, missing }) => {
    const rows = EXPECTATIONS.filter(({ node }) => engine !== 'node' || node !== false).map((row) => ({
      row,
      title: [...row.faults, loadText(row)].join(' '),
    }));

    test.skipIf(missing !== null).each(rows)('agree on $title', async ({ row }) => {
      const sides = await faultRun(engine, { ...row, load: { ...BASE_LOAD, ...row.load } });
      const claims = [...row.claims, ...(engine === 'epoll' ? (row.epollClaims ?? []) : [])];
      expect(claims.flatMap((claim) => broken(claim, sides))).toEqual([]);
      const claimed = new Set(claims.flatMap(namesIn));
      const troubles = Object.entries(troublesOf(sides.summary));
      expect(troubles.filter(([name]) => !claimed.has(name))).toEqual([]);
      const contradictions = doubleEntries(sides.summary).filter(([, one, other]) => one !== other);
      expect(contradictions).toEqual([]);
      expect(sides.truth.faults.map(({ fault }) => fault)).toEqual(row.faults);
    });
  },
);

/** The claim with its numbers, unless it holds. */
function broken(claim: string, sides: BothSides): string[] {
  const { holds, numbers } = judge(claim, sides);
  return holds ? [] : [`${claim}: ${numbers}`];
}
