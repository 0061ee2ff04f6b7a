import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';

import type { Diagnosis } from '../../src/doctor/diagnosis.ts';
import type { PlanNeeds } from '../../src/doctor/finding.ts';
import { findings } from '../../src/doctor/findings.ts';
import type { Machine } from '../../src/doctor/machine.ts';
import { synSchedule } from '../../src/doctor/syn-schedule.ts';
import { sampleCalibration } from '../support/sample-calibration.ts';
import { renderDiagnosis } from '../../src/report/doctor-page.ts';
import { sampleMachine, sampleNeeds, unknownMachine } from '../support/sample-machine.ts';

const PLAIN = { color: false, width: 100 };
const ENGINES: Diagnosis['engines'] = [
  { name: 'node', available: true, reason: 'runs wherever Node does' },
  { name: 'epoll', available: false, reason: 'needs Linux' },
];

function diagnosisOf(machine: Machine, needs: PlanNeeds | null): Diagnosis {
  const found = needs === null ? [] : findings({ needs, refusals: [] }, machine, ENGINES);
  const binding = found.filter(({ verdict }) => verdict === 'binds').map(({ limit }) => limit);
  return {
    version: 1,
    tool: { name: 'tidemark', version: '0.1.0' },
    machine,
    synSchedule: synSchedule(6, 4),
    engines: ENGINES,
    clock: { costNs: 54.4, stepNs: 42.1 },
    loop: {
      timeoutLatenessUs: { count: 180, p50: 97, p99: 1250 },
      turnUs: { count: 40_000, p50: 1.71, p99: 7.68 },
    },
    cpuSteal: { sinceBoot: 0.0123, now: 0 },
    plan: needs === null ? null : { label: 'big', needs, findings: found },
    calibration: null,
    verdict: { ok: binding.length === 0, binding },
  };
}

function golden(name: string): string {
  return fileURLToPath(new URL(`../fixtures/report/${name}.txt`, import.meta.url));
}

describe('renderDiagnosis', () => {
  test('prints what binds, what to type, and the machine', async () => {
    const needs = sampleNeeds({ connections: 300_000, workers: 9, engine: 'epoll', connectTimeoutUs: 5e5 });
    const page = renderDiagnosis(diagnosisOf(sampleMachine(), needs), PLAIN);
    await expect(page).toMatchFileSnapshot(golden('doctor-binds'));
  });

  test('prints what a calibration found, and whether to trust it', () => {
    const page = (score: number): string =>
      renderDiagnosis(
        { ...diagnosisOf(sampleMachine(), null), calibration: sampleCalibration({ score }) },
        PLAIN,
      );
    expect(page(1)).toContain('calibrated, epoll engine\n');
    expect(page(1)).toMatch(/^ceiling +172k frames\/s \(73.3k frames\/s beside the null target\)$/m);
    expect(page(1)).toMatch(
      /^noise at 1k frames\/s +response p50 102us p99 2.35ms, send lag p50 70us p99 1.79ms$/m,
    );
    expect(page(1)).not.toContain('calibrate again');
    expect(page(0.5)).toContain(
      'something else used this machine (health 0.50): calibrate again when it is quiet',
    );
  });

  test('prints what is unknown as unknown', async () => {
    const diagnosis = diagnosisOf(unknownMachine(), sampleNeeds());
    const page = renderDiagnosis(
      { ...diagnosis, synSchedule: null, cpuSteal: { sinceBoot: null, now: null } },
      PLAIN,
    );
    await expect(page).toMatchFileSnapshot(golden('doctor-unknown'));
  });

  test('shows parts of a CPU', () => {
    const machine = sampleMachine({ cpuQuota: 1.5 });
    expect(renderDiagnosis(diagnosisOf(machine, sampleNeeds()), PLAIN)).toMatch(/^workers +2 +1\.5 +binds$/m);
  });

  test('promises all where all is known', () => {
    const engine = { engine: 'node' } as const;
    const page = renderDiagnosis(diagnosisOf(sampleMachine(), sampleNeeds(engine)), PLAIN);
    expect(page).toMatch(/^FITS {2}nothing of this machine will bind big\n/);
  });

  test('begins with the machine where no plan was given', () => {
    expect(renderDiagnosis(diagnosisOf(sampleMachine(), null), PLAIN)).toMatch(/^machine /);
  });

  test('names quotas and the absence of limits', () => {
    const machine = sampleMachine({
      cpuQuota: 1.5,
      memory: { totalBytes: 16e9, availableBytes: 1e9, groupLimitBytes: 2e9 },
      descriptors: { soft: 1024, hard: Number.MAX_SAFE_INTEGER },
    });
    const page = renderDiagnosis(diagnosisOf(machine, null), PLAIN);
    expect(page).toContain('8, of which the control group may use 1.5');
    expect(page).toContain('2 GB for the control group');
    expect(page).toContain('1,024 soft, unlimited hard');
  });

  test('shows no more repeats than fit into a line', () => {
    const diagnosis = { ...diagnosisOf(sampleMachine(), null), synSchedule: synSchedule(20, 0) };
    expect(renderDiagnosis(diagnosis, PLAIN)).toContain(
      'sends SYNs at 0 1 3 7 15 31 63 127 247 367 487 607 727 847 ... s and fails at 1807 s',
    );
  });

  test('colours nothing but the text', () => {
    const diagnosis = diagnosisOf(sampleMachine(), sampleNeeds({ connections: 300_000 }));
    const colored = renderDiagnosis(diagnosis, { ...PLAIN, color: true });
    expect(colored).not.toBe(renderDiagnosis(diagnosis, PLAIN));
    expect(stripVTControlCharacters(colored)).toBe(renderDiagnosis(diagnosis, PLAIN));
  });
});
