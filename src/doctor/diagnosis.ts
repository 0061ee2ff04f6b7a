import type { Clock } from '../base/clock.ts';
import type { Calibration } from '../store/calibration-file.ts';
import type { ToolFacts } from '../store/manifest.ts';
import { measureClock, type ClockReading } from './clock-reading.ts';
import { cpuTimes, stealShare } from '../host/cpu-times.ts';
import { engineAvailability, type EngineAvailability } from '../engine/choose-engine.ts';
import type { Finding, PlanInQuestion, PlanNeeds } from './finding.ts';
import { findings } from './findings.ts';
import { measureLoop, type LoopTiming } from './loop-timing.ts';
import { readMachine, type Machine } from './machine.ts';
import { synSchedule, type SynSchedule } from './syn-schedule.ts';

/** What the doctor found, as `--json` prints it. Keys are stable; new ones do not raise the version. */
export interface Diagnosis {
  version: 1;
  tool: ToolFacts;
  machine: Machine;
  /** When an unanswered dial repeats its SYN; null where the system does not tell. */
  synSchedule: SynSchedule | null;
  engines: EngineAvailability[];
  clock: ClockReading;
  loop: LoopTiming;
  cpuSteal: CpuSteal;
  /** Null where no profile was given. */
  plan: PlanDiagnosis | null;
  /** What the generator was found to be able to do; null unless it was asked to be calibrated. */
  calibration: Calibration | null;
  verdict: DoctorVerdict;
}

/** Shares of all processors' time that a hypervisor took away; null where the system does not tell. */
export interface CpuSteal {
  sinceBoot: number | null;
  /** While the doctor measured: about a third of a second, in steps of clock ticks. */
  now: number | null;
}

export interface PlanDiagnosis {
  /** The profile's label. */
  label: string;
  needs: PlanNeeds;
  findings: Finding[];
}

export interface DoctorVerdict {
  /** False where a limit will bind. */
  ok: boolean;
  binding: Finding['limit'][];
}

/** Reads and measures this machine, for about a third of a second, and holds the plan against it. */
export async function diagnose(
  tool: ToolFacts,
  plan: PlanInQuestion | null,
  clock: Clock,
): Promise<Diagnosis> {
  const machine = readMachine();
  const engines = engineAvailability();
  const before = cpuTimes();
  const loop = await measureLoop(clock, LOOP_MEASURED_MS);
  const after = cpuTimes();
  const found = plan === null ? [] : findings(plan, machine, engines);
  const binding = found.filter(({ verdict }) => verdict === 'binds').map(({ limit }) => limit);
  return {
    version: 1,
    tool,
    machine,
    synSchedule: scheduleOf(machine),
    engines,
    clock: measureClock(clock),
    loop,
    cpuSteal: { sinceBoot: stealShare({ total: 0, steal: 0 }, after), now: stealShare(before, after) },
    plan: plan === null ? null : { label: plan.label, needs: plan.needs, findings: found },
    calibration: null,
    verdict: { ok: binding.length === 0, binding },
  };
}

function scheduleOf({ settings }: Machine): SynSchedule | null {
  const { tcpSynRetries, tcpSynLinearTimeouts } = settings;
  return tcpSynRetries === null ? null : synSchedule(tcpSynRetries, tcpSynLinearTimeouts ?? 0);
}

const LOOP_MEASURED_MS = 300;
