import { existsSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { hostFacts, type HostFacts } from '../host/host-facts.ts';
import { controlPath } from '../store/control-path.ts';
import type { ToolFacts } from '../store/manifest.ts';
import { RUN_FILES } from '../store/run-files.ts';
import { hasEnded, readManifest } from '../store/run-store.ts';
import { readBrokenRun, type BrokenRun } from './broken-run.ts';
import { remainingPlan } from './remaining-plan.ts';
import { cannotResume } from './resumed-time.ts';
import { holdRun } from './run-hold.ts';
import { run, type RunOptions, type RunResult } from './run.ts';

/**
 * Goes on with the run in `directory`, which broke off: the same plan for the time that is left of it, in the same
 * directory. The time in between is a gap.
 * @throws {OperatingError} when that cannot be done, or would not be the same run any more (ERR_STORE), and as `run`
 */
export async function resumeRun(
  directory: string,
  options: Omit<RunOptions, 'profile' | 'outDir' | 'resumed'>,
): Promise<RunResult> {
  readManifest(directory);
  const hold = await holdRun(directory);
  if (hold === null) throw cannotResume(`${basename(directory)} still goes on`);
  try {
    return await resumeHeld(directory, options);
  } finally {
    hold.release();
  }
}

async function resumeHeld(
  directory: string,
  options: Omit<RunOptions, 'profile' | 'outDir' | 'resumed'>,
): Promise<RunResult> {
  const name = basename(directory);
  const manifest = readManifest(directory);
  const plan = `start it anew with: tidemark run ${join(directory, RUN_FILES.profile)}`;
  if (hasEnded(directory)) throw cannotResume(`${name} has ended; ${plan}`);
  const changes = describeChanges(manifest, options.tool);
  if (changes.length > 0) throw cannotResume(`${changes.join('; ')}: it would be two runs in one; ${plan}`);
  if (await isOn(directory)) throw cannotResume(`${name} still goes on`);
  const broken = readBrokenRun(directory);
  const { profile } = manifest;
  const doneUs = broken.runSeconds * 1e6;
  if (profile.durationUs - doneUs < LEFT_US_MIN) {
    throw cannotResume(
      `${name} had come to the end of its plan; tidemark report ${name} tells what there is`,
    );
  }
  rmSync(join(directory, RUN_FILES.control), { force: true });
  return run({
    ...options,
    profile,
    outDir: join(directory, '..'),
    resumed: { broken, plan: { ...remainingPlan(profile, doneUs), engine: engineOf(broken) } },
  });
}

/** What a resumed run would differ in from what it was, in words. */
function describeChanges({ tool, host, profile }: BrokenRun['manifest'], now: ToolFacts): string[] {
  const here = hostFacts();
  const facts: (keyof HostFacts)[] = ['kernel', 'node', 'cpus'];
  const changed = facts
    .filter((fact) => host[fact] !== here[fact])
    .map((fact) => `its ${HOST_WORDS[fact]} was ${host[fact]}, this one is ${here[fact]}`);
  const known = (profile as Partial<typeof profile>).record !== undefined;
  if (tool.version !== now.version || !known) {
    changed.unshift(`it was made by ${tool.name} ${tool.version}, this is ${now.version}`);
  }
  return changed;
}

/** Auto would choose again. */
function engineOf({ manifest }: BrokenRun): 'node' | 'epoll' {
  return manifest.engine === 'epoll' ? 'epoll' : 'node';
}

/** Whether some process serves the run's control socket. */
async function isOn(directory: string): Promise<boolean> {
  if (!existsSync(join(directory, RUN_FILES.control))) return false;
  const control = controlPath(directory);
  const socket = connect(control.path);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
    control.release();
  }
}

const HOST_WORDS: Readonly<Record<keyof HostFacts, string>> = {
  machine: 'machine',
  kernel: 'kernel',
  node: 'Node',
  cpus: 'number of processors',
  fdLimit: 'descriptor limit',
};
/** With less left there would be nothing to measure. */
const LEFT_US_MIN = 1000;
