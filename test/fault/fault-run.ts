import { run, type RunOptions } from '../../src/coordinator/run.ts';
import { StopSwitch } from '../../src/coordinator/stop-switch.ts';
import type { EngineName } from '../../src/engine/engine.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { parseFault } from '../../src/target/fault/fault-grammar.ts';
import { startTarget } from '../../src/target/target.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import type { BothSides } from './claim.ts';

/** A run of `load` against a target with `faults`, from the target's start until both sides have said their last. */
export async function faultRun(
  engine: EngineName,
  { faults, load, backlog }: { faults: readonly string[]; load: Record<string, string>; backlog?: number },
): Promise<BothSides> {
  const target = await startTarget({
    faults: faults.map(parseFault),
    ...(backlog === undefined ? {} : { backlog }),
    ...(load['match'] === 'none' ? { mode: 'sink' as const } : {}),
  });
  const flags = { ...load, target: target.address, engine };
  const { summary } = await run({
    profile: loadProfile({ name: 'fault', text: null, file: null }, {}, flags, []),
    outDir: scratchDirectory(),
    tool: { name: 'tidemark', version: '0.0.0' },
    stopSwitch: new StopSwitch(),
    observer: SILENT,
  });
  return { summary, truth: await target.close() };
}

const SILENT: RunOptions['observer'] = { started: () => undefined, interval: () => undefined };
