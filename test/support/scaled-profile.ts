import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { formatProfile } from '../../src/profile/format-profile.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { findProfile } from '../../src/profile/profile-file.ts';
import type { CohortProfile, Profile } from '../../src/profile/profile.ts';
import type { Lifetime } from '../../src/schedule/lifetime.ts';
import { scratchDirectory } from './scratch-directory.ts';

/**
 * The file of a built-in profile whose time is scaled down: when things happen moves together, while rates, counts,
 * and what a target may take stay as they are.
 * @param seconds how long the profile then lasts
 */
export function scaledProfile(name: string, seconds: number): string {
  const path = join(scratchDirectory(), `${name}.yaml`);
  const profile = loadProfile(findProfile(name), {}, {}, []);
  writeFileSync(path, formatProfile(scaled(profile, (seconds * 1e6) / profile.durationUs)));
  return path;
}

function scaled(profile: Profile, factor: number): Profile {
  return {
    ...profile,
    ...scaledSections(profile, factor),
    durationUs: Math.round(profile.durationUs * factor),
    warmupUs: profile.warmupUs === 0 ? 0 : atLeast(WARMUP_US_MIN, profile.warmupUs * factor),
    thresholds: profile.thresholds.map((threshold) => ({
      ...threshold,
      windowUs: threshold.windowUs === null ? null : wholeSeconds(threshold.windowUs * factor),
      delayUs: Math.round(threshold.delayUs * factor),
    })),
    cohorts: profile.cohorts.map((cohort) => ({ ...cohort, ...scaledSections(cohort, factor) })),
  };
}

function scaledSections(
  { connections, stages, heartbeat }: Pick<CohortProfile, 'connections' | 'stages' | 'heartbeat'>,
  factor: number,
): Pick<CohortProfile, 'connections' | 'stages' | 'heartbeat'> {
  const { rampUs, lifetime } = connections;
  return {
    connections: {
      ...connections,
      rampUs: rampUs === null ? null : Math.round(rampUs * factor),
      lifetime: lifetime === null ? null : scaledLifetime(lifetime, factor),
    },
    stages: stages.map((stage) => ({ ...stage, durationUs: Math.round(stage.durationUs * factor) })),
    heartbeat: heartbeat && { ...heartbeat, everyUs: atLeast(HEARTBEAT_US_MIN, heartbeat.everyUs * factor) },
  };
}

function scaledLifetime(lifetime: Lifetime, factor: number): Lifetime {
  const us = (full: number): number => atLeast(Math.min(full, LIFETIME_US_MIN), full * factor);
  switch (lifetime.kind) {
    case 'frames':
      return lifetime;
    case 'time':
      return { kind: 'time', us: us(lifetime.us) };
    case 'uniform':
      return { kind: 'uniform', fromUs: us(lifetime.fromUs), toUs: us(lifetime.toUs) };
    case 'exponential':
      return { kind: 'exponential', meanUs: us(lifetime.meanUs) };
    default:
      return lifetime satisfies never;
  }
}

function atLeast(floorUs: number, us: number): number {
  return Math.max(floorUs, Math.round(us));
}

/** Windows of thresholds are whole seconds. */
function wholeSeconds(us: number): number {
  return Math.max(1, Math.round(us / 1e6)) * 1e6;
}

/** Connections want that long to be made, however short the run. */
const WARMUP_US_MIN = 500_000;
/** Shorter ones would make another load of it: dials and heartbeats in place of frames. */
const LIFETIME_US_MIN = 2_000_000;
const HEARTBEAT_US_MIN = 400_000;
