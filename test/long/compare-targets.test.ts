import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/analysis/compare/comparison.ts';
import { builtInTarget, compare } from '../support/compare.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { parseXml } from '../support/xml.ts';

const SHORT = ['-c', '12', '-T', '400ms', '--warmup', '200ms', '--cooldown', '0s', '--gate', 'response.p50'];

describe('tidemark compare', () => {
  test('finds which of two targets delays replies by 200 us, keeps all, and prints it again', async () => {
    const [a, b, out] = [await builtInTarget(), await builtInTarget('delay:200us'), scratchDirectory()];
    const [markdown, junit] = [join(out, 'comment.md'), join(out, 'compare.xml')];
    const files = ['--markdown', markdown, '--junit', junit];
    const ended = await compare(
      out,
      '--a',
      a,
      '--b',
      b,
      '--label',
      'delay',
      ...SHORT,
      '--pairs',
      '6',
      ...files,
    );
    expect(ended.stdout).toMatch(
      /^WORSE {2}delay: B against A · 6 pairs · 95% confidence over 1 gating metric/,
    );
    expect(ended.exitCode).toBe(121);
    expect(ended.stdout).toMatch(/\* +response\.p50 .* worse$/m);
    expect(ended.stderr).toMatch(/^pair 6 of 6, [AB] \| response p50 /m);
    expect(readFileSync(markdown, 'utf8')).toMatch(/^### delay: worse$/m);
    const xml = parseXml(readFileSync(junit, 'utf8'));
    expect(JSON.stringify(xml)).toContain('response.p50 of B against A');
    expect(readdirSync(out).filter((name) => /-delay-[ab]\d-/.test(name))).toHaveLength(12);

    const again = await compare(out, 'latest', '--json');
    expect(again.exitCode).toBe(121);
    const comparison = JSON.parse(again.stdout) as Comparison;
    expect(comparison).toMatchObject({ name: 'delay', verdict: { word: 'worse' }, design: { used: 6 } });
    expect(comparison.metrics.find(({ name }) => name === 'response.p50')?.change?.low).toBeGreaterThan(0.5);
    const stored = readdirSync(out).find((name) => name.includes('-compare-')) ?? '';
    expect(JSON.parse(readFileSync(join(out, stored, 'result.json'), 'utf8'))).toEqual(comparison);

    const runs = readdirSync(out);
    const sideOf = (side: string): string[] => runs.filter((name) => RegExp(`-delay-${side}\\d-`).test(name));
    const fromRuns = await compare(
      out,
      '--baseline',
      ...sideOf('a'),
      '--candidate',
      ...sideOf('b'),
      '--json',
      '--gate',
      'response.p50',
    );
    expect(fromRuns.exitCode).toBe(121);
    expect((JSON.parse(fromRuns.stdout) as Comparison).metrics).toEqual(comparison.metrics);

    const groups = await compare(
      out,
      '--baseline',
      ...sideOf('a').slice(1),
      '--candidate',
      ...sideOf('b'),
      '--gate',
      'response.p50',
    );
    expect(groups.exitCode).toBe(0);
    expect(groups.stdout).toMatch(/^WORSE/);
    expect(groups.stdout).toContain('drift not controlled');
  });

  test.each<[string, string[], string]>([
    ['one side alone', ['--a', '127.0.0.1:1'], '--b is missing'],
    ['too few pairs', ['--a', '127.0.0.1:1', '--b', '127.0.0.1:2', '--pairs', '6'], 'must be at least 7'],
    [
      '--target beside addresses',
      ['--a', '127.0.0.1:1', '--b', '127.0.0.1:2', '--target', '127.0.0.1:3'],
      'Cannot use --target',
    ],
    [
      'flags of a run beside stored runs',
      ['--baseline', 'x', '--candidate', 'y', '-T', '5s'],
      'Cannot use --duration',
    ],
    ['a comparison that is not there', ['nothing'], 'Cannot find the comparison'],
    ['a run that is not there', ['--baseline', 'x', '--candidate', 'y'], 'Cannot find run'],
  ])('refuses %s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await compare(scratchDirectory(), ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 104, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
