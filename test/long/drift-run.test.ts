import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runTidemark, startTidemark } from '../support/tidemark.ts';

interface DriftJson {
  /** Of the run: 1 where nothing disturbed the generator. */
  health: number;
  tooShort: string | null;
  intervals: { used: number };
  findings: { kind: string; series: string; slopePerHour?: { value: number; low: number; high: number } }[];
}

/** What `tidemark drift` says of 150 s against a target that has `faults`. */
async function driftAgainst(faults: readonly string[]): Promise<DriftJson> {
  const out = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
  const target = startTidemark(['target', '--port', '0', ...faults.flatMap((fault) => ['--fault', fault])]);
  try {
    const address = (await target.firstLine).replace('listening on ', '');
    const load = [
      '-c',
      '20',
      '-R',
      '500/s',
      '-T',
      '150s',
      '--warmup',
      '5s',
      '--quiet',
      '--json',
      '--out',
      out,
    ];
    const run = await runTidemark(['run', '--target', address, ...load]);
    expect(run.stderr).toBe('');
    const drift = await runTidemark(['drift', 'latest', '--json', '--out', out]);
    expect(drift).toMatchObject({ stderr: '', exitCode: 0 });
    const { health } = JSON.parse(run.stdout) as { health: { score: number } };
    return { ...(JSON.parse(drift.stdout) as DriftJson), health: health.score };
  } finally {
    target.child.kill('SIGTERM');
    await target.ended;
    rmSync(out, { recursive: true, force: true });
  }
}

/** Every reply waits so long, so that what else this machine does is small against it. */
const STEADY = 'delay:20ms';

test.concurrent(
  'replies that wait longer and longer are reported with the slope that was planted',
  async () => {
    const { findings } = await driftAgainst([STEADY, 'delay-grows:12ms/min']);
    const found = findings.find(({ series }) => series === 'response p50');
    expect(found?.kind).toBe('trend');
    const plantedUsPerHour = 12_000 * 60;
    expect(Math.abs((found?.slopePerHour?.value ?? 0) / plantedUsPerHour - 1)).toBeLessThan(0.15);
  },
  200_000,
);

test.concurrent(
  'nothing is found where the target does not drift',
  async () => {
    const { findings, tooShort } = await driftAgainst([STEADY]);
    expect(tooShort).toBeNull();
    expect(findings).toEqual([]);
  },
  200_000,
);
