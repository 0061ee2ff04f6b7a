import { run, type RunOptions } from '../../src/coordinator/run.ts';
import { StopSwitch } from '../../src/coordinator/stop-switch.ts';
import type { EngineName } from '../../src/engine/engine.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { parseFault } from '../../src/target/fault/fault-grammar.ts';
import { startTarget, type TargetTls } from '../../src/target/target.ts';
import { scratchDirectory } from '../support/scratch-directory.ts';
import { tlsFile, tlsText } from '../support/tls-fixtures.ts';
import type { BothSides } from './claim.ts';

/** What is run against what. */
interface FaultRunPlan {
  faults: readonly string[];
  /** Flags of the run. */
  load: Record<string, string>;
  /** @default the target's own */
  backlog?: number;
  /** Whether both sides speak TLS. @default false */
  tls?: boolean;
}

/** A run of `load` against a target with `faults`, from the target's start until both sides have said their last. */
export async function faultRun(
  engine: EngineName,
  { faults, load, backlog, tls = false }: FaultRunPlan,
): Promise<BothSides & { exitCode: number }> {
  const target = await startTarget({
    faults: faults.map(parseFault),
    ...(backlog === undefined ? {} : { backlog }),
    ...(load['match'] === 'none' ? { mode: 'sink' as const } : {}),
    tls: tls ? TLS : null,
  });
  const trust = tls ? { tls: 'on', tlsCa: tlsFile('ca.pem') } : {};
  const flags = { ...load, ...trust, target: target.address, engine };
  const { summary, exitCode } = await run({
    profile: loadProfile({ name: 'fault', text: null, file: null }, {}, flags, []),
    outDir: scratchDirectory(),
    tool: { name: 'tidemark', version: '0.0.0' },
    stopSwitch: new StopSwitch(),
    observer: SILENT,
  });
  return { summary, exitCode, truth: await target.close() };
}

const TLS: TargetTls = {
  cert: tlsText('server.pem'),
  key: tlsText('server-key.pem'),
  clientCa: null,
  alpn: [],
};

const SILENT: RunOptions['observer'] = { started: () => undefined, interval: () => undefined };
