import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatingError } from '../../base/errors.ts';
import { EXIT } from '../../base/exit-codes.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Calibration, CalibratedCeiling } from '../../store/calibration-file.ts';
import type { ToolFacts } from '../../store/manifest.ts';
import type { Summary } from '../../store/summary.ts';
import { startBuiltInTarget } from '../built-in-target.ts';
import { run } from '../run.ts';
import { StopSwitch } from '../stop-switch.ts';
import { calibrationKey } from './calibration-key.ts';
import { calibrationPlans } from './calibration-plans.ts';

export interface CalibrateOptions {
  profile: Profile;
  tool: ToolFacts;
  /** Is told what is measured next. */
  tell: (step: string) => void;
}

/**
 * Measures what the generator itself can do with the profile's frames and connections: three short runs, 15 s in all,
 * against a null target. That is the built-in target as a process of its own, which sends back what it receives without
 * looking for frames in it.
 * @throws {OperatingError} when the profile speaks TLS or has cohorts (ERR_PROFILE_INVALID), or when a run cannot start or comes to
 * nothing (ERR_TARGET and those of `run`)
 */
export async function calibrate({ profile, tool, tell }: CalibrateOptions): Promise<Calibration> {
  if (profile.tls.enabled) {
    throw new OperatingError(
      'ERR_PROFILE_INVALID',
      'Cannot calibrate a profile with TLS: the null target speaks plain TCP; take it without, by --set tls.enabled=off',
    );
  }
  if (profile.cohorts.length > 0) {
    throw new OperatingError(
      'ERR_PROFILE_INVALID',
      'Cannot calibrate a profile with cohorts, whose frames differ: calibrate a profile of its own for the cohort that ' +
        'sends most',
    );
  }
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-calibration-'));
  const nothing = await startBuiltInTarget({
    ...profile,
    frame: { ...profile.frame, format: 'none', header: null },
  });
  const measure = (plan: Profile): Promise<Summary> => measureRun(plan, directory, tool);
  try {
    const plans = calibrationPlans(profile, nothing.address);
    tell('the ceiling: closed model, as fast as it goes');
    const busiest = await measure(plans.ceiling);
    const ceiling = ceilingOf(busiest);
    tell('dials, with one frame each');
    const dials = await measure(plans.dials);
    const noise = plans.noise(ceiling.framesPerSecondMax);
    tell(`the noise floor: ${noise.load.totalRatePerSecond ?? 0} frames a second`);
    const quietest = await measure(noise);
    const { response, sendLag } = quietest.histograms;
    return {
      ...calibrationKey(profile, busiest.run.engine, tool),
      measuredAt: busiest.run.startedAt,
      ceiling,
      dialsPerSecond: dials.dials.connected / dials.run.seconds,
      noise: {
        ratePerSecond: noise.load.totalRatePerSecond ?? 0,
        sendLag: { p50: sendLag.p50, p99: sendLag.p99 },
        response: { p50: response.p50, p99: response.p99 },
      },
      score: Math.min(busiest.health.score ?? 0, quietest.health.score ?? 0),
    };
  } finally {
    await nothing.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * A second of processor time is what a worker has at most, so what it does in one is its ceiling, even where the null
 * target or a neighbour kept it from having the whole.
 */
function ceilingOf({ throughput, health, run: { workers, host } }: Summary): CalibratedCeiling {
  const { framesPerSecond, seconds } = throughput;
  const { cpuSeconds } = health;
  const framesPerCpuSecond =
    cpuSeconds === null || cpuSeconds === 0 ? null : (framesPerSecond * seconds) / cpuSeconds;
  const alone = (framesPerCpuSecond ?? 0) * Math.min(workers, host.cpus);
  return { framesPerSecond, framesPerCpuSecond, framesPerSecondMax: Math.max(framesPerSecond, alone) };
}

async function measureRun(profile: Profile, outDir: string, tool: ToolFacts): Promise<Summary> {
  const observer = { started: () => undefined, interval: () => undefined };
  const { summary } = await run({ profile, outDir, tool, stopSwitch: new StopSwitch(), observer });
  const { verdict, frames } = summary;
  if (verdict.ok && frames.matched + frames.oneWay > 0) return summary;
  throw new OperatingError(
    'ERR_TARGET',
    `Cannot calibrate: a run against the null target came to nothing (${verdict.reasons.join('; ')})`,
    { exitCode: EXIT.bug },
  );
}
