import { formatCount, formatDuration, formatRate } from '../base/units.ts';
import { keyName } from './flags.ts';
import {
  haveConnections,
  haveRate,
  isOpenModel,
  peakConnections,
  peakRatePerSecond,
  stagesDurationUs,
} from './load-model.ts';
import { unless, type ProfileRule } from './profile-rule.ts';
import type { Profile } from './profile.ts';
import type { GivenKeys } from './profile-source.ts';

/** What stages and rates ask of other keys. */
export const STAGE_RULES: readonly ProfileRule[] = [
  { at: 'stages', reads: ['duration'], complaints: durationComplaints },
  { at: 'stages', reads: ['load.think'], complaints: thinkComplaints },
  { at: 'connections.count', reads: ['stages'], complaints: countComplaints },
  { at: 'connections.rate', reads: ['stages'], complaints: dialPaceComplaints('connections.rate') },
  { at: 'connections.ramp', reads: ['stages'], complaints: dialPaceComplaints('connections.ramp') },
  { at: 'load.arrivals', reads: ['load.rate', 'load.totalRate', 'stages'], complaints: arrivalsComplaints },
  {
    at: 'load.window',
    reads: ['load.rate', 'load.totalRate', 'stages', 'connections.count'],
    complaints: windowComplaints,
  },
];

function durationComplaints({ stages, durationUs }: Profile): string[] {
  const stagesUs = stagesDurationUs(stages);
  return unless(
    stagesUs <= durationUs,
    `must not take longer than duration (--duration), which is ${formatDuration(durationUs)}, current value takes ` +
      `${formatDuration(stagesUs)}; drop duration, which is then as long as the stages, or shorten them`,
  );
}

function countComplaints(profile: Profile): string[] {
  if (peakConnections(profile) > 0) return [];
  return [
    haveConnections(profile.stages)
      ? 'is 0 and no stage leads to more; let a stage lead to connections, or give some to begin with'
      : 'must be at least 1 where no stage leads to connections, current value is 0',
  ];
}

function dialPaceComplaints(at: 'connections.rate' | 'connections.ramp'): ProfileRule['complaints'] {
  return ({ connections, stages }) => {
    const value = at === 'connections.rate' ? connections.ratePerSecond : connections.rampUs;
    return unless(
      value === null || !haveConnections(stages),
      `cannot stand beside ${keyName('stages')} that lead to connections, which say themselves when each is dialled; ` +
        `drop ${at}, and make it the first stage if the connections are to come one after the other`,
    );
  };
}

function thinkComplaints({ stages, load }: Profile): string[] {
  return unless(
    load.thinkUs === 0 || !haveRate(stages),
    `cannot lead to a rate beside ${keyName('load.think')}, since think time belongs to the closed model, a rate is ` +
      'the open one; drop one of them',
  );
}

function arrivalsComplaints(profile: Profile): string[] {
  return unless(
    profile.load.arrivals === 'constant' || isOpenModel(profile),
    'cannot be poisson in the closed model, whose frames follow replies; give a rate (--rate, --total-rate, --stage), ' +
      'or drop load.arrivals',
  );
}

/**
 * With a limit of W frames in flight on each of N connections a rate R needs each reply within N W / R; no round trip
 * through two TCP stacks is as short as the least that is accepted here.
 */
function windowComplaints(profile: Profile, given: GivenKeys): string[] {
  const { window } = profile.load;
  if (window === null || !isOpenModel(profile) || !given.has('load.window')) return [];
  const ratePerSecond = peakRatePerSecond(profile);
  const count = peakConnections(profile);
  const replyUs = (count * window * 1e6) / ratePerSecond;
  return unless(
    replyUs >= REPLY_US_MIN,
    `lets ${formatCount(count * window)} frames be in flight on ${formatCount(count)} connections, so that ` +
      `${formatRate(ratePerSecond)} would need each reply within ${replyUs.toPrecision(2)}us; raise the window or ` +
      'the connections, or lower the rate',
  );
}

/** No reply over TCP comes sooner, be it on loopback: two system calls and a wake-up on either side. */
const REPLY_US_MIN = 5;
