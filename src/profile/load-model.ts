import type { RateStage } from '../schedule/rate-curve.ts';
import type { ConnectionStage } from '../schedule/connection-plan.ts';
import type { Profile, StageProfile } from './profile.ts';

/** Whether frames are due by the clock: a rate says so, be it a constant one or a stage's. */
export function isOpenModel({ load, stages }: Profile): boolean {
  return load.ratePerSecond !== null || load.totalRatePerSecond !== null || haveRate(stages);
}

/** Whether some stage leads to a rate. */
export function haveRate(stages: readonly StageProfile[]): boolean {
  return stages.some(({ ratePerSecond }) => ratePerSecond !== null);
}

/** How long the stages take together, in microseconds. */
export function stagesDurationUs(stages: readonly StageProfile[]): number {
  return stages.reduce((sumUs, { durationUs }) => sumUs + durationUs, 0);
}

/** Frames a second over all connections before the first stage; 0 where stages alone say a rate. */
export function firstRatePerSecond(profile: Profile): number {
  const { ratePerSecond, totalRatePerSecond } = profile.load;
  return totalRatePerSecond ?? (ratePerSecond === null ? 0 : ratePerSecond * peakConnections(profile));
}

/** The highest rate that the plan comes to, in frames a second over all connections. */
export function peakRatePerSecond(profile: Profile): number {
  const rates = profile.stages.map(({ ratePerSecond }) => ratePerSecond ?? 0);
  return Math.max(firstRatePerSecond(profile), ...rates);
}

/** Whether some stage leads to a count of connections. */
export function haveConnections(stages: readonly StageProfile[]): boolean {
  return stages.some(({ connections }) => connections !== null);
}

/** The most connections that the plan has at one time; each has its share of the rate by this number. */
export function peakConnections({ connections, stages }: Pick<Profile, 'connections' | 'stages'>): number {
  return Math.max(connections.count, ...stages.map((stage) => stage.connections ?? 0));
}

/** How the count of connections goes on after its start; a stage that says none holds it. */
export function connectionStages({ connections, stages }: Profile): ConnectionStage[] {
  let count = connections.count;
  return stages.map((stage) => {
    count = stage.connections ?? count;
    return { durationUs: stage.durationUs, connections: count };
  });
}

/** How the rate goes on after its start; a stage that says none holds it. */
export function rateStages(profile: Profile): RateStage[] {
  let ratePerSecond = firstRatePerSecond(profile);
  return profile.stages.map((stage) => {
    ratePerSecond = stage.ratePerSecond ?? ratePerSecond;
    return { durationUs: stage.durationUs, ratePerSecond };
  });
}
