import { durationBoundsKind, shareBoundsKind, shareKind } from './bounds-kind.ts';
import type { HealthValues } from './health-profile.ts';
import { choiceKind } from './key-kinds.ts';
import { key, quantity, type ProfileKey } from './profile-key.ts';

/** The keys that say how far the generator may stand in the way; docs/health.md says why these defaults. */
export const HEALTH_KEYS: { readonly [P in keyof HealthValues]: ProfileKey<HealthValues[P]> } = {
  'health.verdict': key(
    choiceKind(['enforce', 'report']),
    'Whether a run whose generator was the bottleneck is called invalid (exit code 120), or only said to be',
    quantity('enforce', 'report'),
  ),
  'health.invalidIntervals': key(
    shareKind(),
    'Share of the measured time that may lie in invalid intervals before the run is invalid',
    quantity('5%', '20%'),
  ),
  'health.lateSends': shares(
    'Share of sends late by more than 1 ms and a tenth of the response p50: warns, makes invalid',
    '1%..10%',
  ),
  'health.sendLag': shares(
    'Send lag p99 as a share of response p99, where sends are late: warns, makes invalid',
    '25%..off',
  ),
  'health.unsent': shares(
    'Share of the planned frames that the generator did not send: warns, makes invalid',
    '0.1%..5%',
  ),
  'health.shortfall': shares('Share of the planned frames that nobody sent: warns, makes invalid', '1%..off'),
  'health.stall': durations(
    "Longest time in which a worker's loop did not come round: warns, makes invalid",
    '50ms..200ms',
  ),
  'health.sleep': durations(
    'How long the machine slept (was suspended): warns, makes invalid until a read timeout after it',
    'off..100ms',
  ),
  'health.loopBusy': shares(
    "Share of the time that a worker's loop was busy: warns, makes invalid",
    '90%..off',
  ),
  'health.loopDelay': shares(
    "A saturated loop's round as a share of the response p50: warns, makes invalid",
    '25%..50%',
  ),
  'health.cpuWait': shares(
    'Share of the time in which a worker wanted a processor and had none: warns, makes invalid',
    '60%..70%',
  ),
  'health.gcPause': durations('Longest pause for garbage collection: warns, makes invalid', '20ms..200ms'),
  'health.steal': shares(
    'Share of processor time that the hypervisor gave to others: warns, makes invalid',
    '2%..10%',
  ),
  'health.pressure': shares(
    'Share of the time in which any thread of this machine waited for a processor: warns, makes invalid',
    'off..off',
  ),
  'health.ceiling': shares(
    "Share of the calibrated generator's ceiling that the run used: warns, makes invalid",
    '80%..off',
  ),
};

function shares(help: string, defaultText: string): ProfileKey<HealthValues['health.lateSends']> {
  return key(shareBoundsKind(), help, quantity(defaultText, '2%..20%'));
}

function durations(help: string, defaultText: string): ProfileKey<HealthValues['health.stall']> {
  return key(durationBoundsKind(), help, quantity(defaultText, '20ms..1s'));
}
