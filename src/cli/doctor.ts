import { networkInterfaces } from 'node:os';
import { Command } from 'commander';
import { monotonicClock } from '../base/clock.ts';
import { OperatingError } from '../base/errors.ts';
import { EXIT } from '../base/exit-codes.ts';
import { BUILT_IN_ADDRESSES } from '../coordinator/built-in-target.ts';
import { calibrate } from '../coordinator/calibration/calibrate.ts';
import { jsonText } from '../store/json-file.ts';
import { calibrationPath, writeCalibration, type Calibration } from '../store/calibration-file.ts';
import { planRefusals } from '../coordinator/plan-refusals.ts';
import { resolveTarget } from '../coordinator/resolve-target.ts';
import { diagnose } from '../doctor/diagnosis.ts';
import { planNeeds, type PlanInQuestion } from '../doctor/finding.ts';
import { BUILT_IN_PLACE, placeOf, refusedPlace, type TargetPlace } from '../doctor/target-place.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { findProfile } from '../profile/profile-file.ts';
import type { Profile } from '../profile/profile.ts';
import { renderDiagnosis } from '../report/doctor-page.ts';
import { pageWidth, wantsColor, type Io } from './io.ts';
import { packageFacts } from './package-facts.ts';

/**
 * `tidemark doctor`: this machine's limits, and which of them a profile will meet.
 * Its action throws OperatingError when the profile is bad (ERR_PROFILE_INVALID) or --set has none (ERR_USAGE).
 */
export function doctorCommand(io: Io): Command {
  return new Command('doctor')
    .description("show this machine's limits, engines and clock, and what of it a profile will meet")
    .option(
      '--for <profile>',
      'a built-in profile (see run --help) or a YAML file to hold against this machine',
    )
    .option('--set <path=value>', 'set any key of the profile, repeatable', collect)
    .option('--calibrate', "measure what this machine's generator can do with the profile's frames (15 s)")
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', DOCTOR_HELP)
    .action((flags: DoctorFlags) => doctorAction(io, flags));
}

interface DoctorFlags {
  for?: string;
  set?: string[];
  calibrate?: true;
  json?: true;
}

async function doctorAction(io: Io, flags: DoctorFlags): Promise<void> {
  const found = await diagnose(packageFacts(), await planOf(io, flags), monotonicClock());
  const diagnosis = flags.calibrate === true ? { ...found, calibration: await measure(io, flags) } : found;
  io.stdout.write(
    flags.json === true
      ? jsonText(diagnosis)
      : renderDiagnosis(diagnosis, { color: wantsColor(io.stdout, io.env), width: pageWidth(io.stdout) }),
  );
  if (!diagnosis.verdict.ok) process.exitCode = EXIT.usage;
}

async function planOf(io: Io, flags: DoctorFlags): Promise<PlanInQuestion | null> {
  if (flags.for === undefined) {
    if (flags.set === undefined) return null;
    throw new OperatingError(
      'ERR_USAGE',
      'Cannot set a key (--set) without a profile: give --for, for example smoke',
    );
  }
  const profile = loadProfile(findProfile(flags.for), io.env, {}, flags.set ?? []);
  const { place, addresses } = await targetPlace(profile);
  return {
    label: profile.label,
    needs: planNeeds(profile, place),
    refusals: planRefusals(profile, addresses),
  };
}

/** Measures, and keeps what was found where runs look for it. */
async function measure(io: Io, flags: DoctorFlags): Promise<Calibration> {
  const profile = loadProfile(findProfile(flags.for ?? PROFILE_DEFAULT), io.env, {}, flags.set ?? []);
  const tell = (step: string): void => void io.stderr.write(`calibrating ${step}\n`);
  const calibration = await calibrate({ profile, tool: packageFacts(), tell });
  writeCalibration(calibrationPath(io.env), calibration);
  return calibration;
}

/** A target that a run would refuse is a finding like any other, beside which the rest is still worth knowing. */
async function targetPlace({ target, safety }: Profile): Promise<PlacedTarget> {
  if (target === null) return { place: BUILT_IN_PLACE, addresses: BUILT_IN_ADDRESSES };
  try {
    const addresses = await resolveTarget(target, safety);
    return { place: placeOf(addresses, ownHosts()), addresses };
  } catch (error) {
    if (error instanceof OperatingError) return { place: refusedPlace(error.message), addresses: [] };
    throw error;
  }
}

interface PlacedTarget {
  place: TargetPlace;
  /** None where the target is refused. */
  addresses: readonly TargetAddress[];
}

function ownHosts(): string[] {
  return Object.values(networkInterfaces()).flatMap(
    (entries) => entries?.map(({ address }) => address) ?? [],
  );
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** Calibrated where no profile is given. */
const PROFILE_DEFAULT = 'smoke';

const DOCTOR_HELP = `
Exit codes: 0 nothing of this machine will bind, 104 something will (it is named), or bad usage or profile.

Examples:
  tidemark doctor
  tidemark doctor --for profile.yaml
  tidemark doctor --calibrate --for profile.yaml
  tidemark doctor --for smoke --set connections.count=20k`;
