import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OperatingError } from '../base/errors.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';

/** Where the built-in target listens, whichever port it will have. */
export const BUILT_IN_ADDRESSES: readonly TargetAddress[] = [{ family: 4, host: '127.0.0.1', port: 1 }];

/** The built-in target, running as a process of its own so that it does not share the generator's CPU time. */
export interface BuiltInTarget {
  /** In the form that `--target` takes. */
  address: string;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the built-in target on a free loopback port, speaking the profile's framing and prefaces; where connections
 * only listen it pushes frames to all. It is not in this
 * process's group, so that an interrupt from the terminal reaches the run first and its drain finds the target alive;
 * it ends with this process because its standard input does.
 * @throws {OperatingError} when it does not come up, with what it said (ERR_TARGET)
 */
export async function startBuiltInTarget(profile: Profile): Promise<BuiltInTarget> {
  const child = spawn(process.execPath, [programPath(), 'target', ...targetArguments(profile)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const address = await listeningAddress(child);
  return { address, stop: () => stopChild(child) };
}

function targetArguments(profile: Profile): string[] {
  const { frame, preface, match } = commonProtocol(profile);
  const texts = {
    '--port': '0',
    '--frame': frame.format,
    '--frame-max': `${frame.maxBytes}B`,
    '--mode': match.mode === 'none' ? 'sink' : 'echo',
    '--preface': preface.expect,
    '--expect-preface': preface.send,
  };
  const given = Object.entries(texts).filter(([, value]) => value !== null);
  const push = cohortPlans(profile).some(({ plan }) => isSilent(plan)) ? [`--fault=push:${PUSH_RATE}`] : [];
  return ['--exit-with-parent', ...given.map(([flag, value]) => `${flag}=${value}`), ...push];
}

/** A connection that sends nothing at all is there to be pushed to. */
function isSilent({ load, heartbeat }: Profile): boolean {
  return load.send === 'off' && heartbeat === null;
}

/**
 * What all cohorts speak. The target has one form of frames and prefaces for all its connections; it echoes as soon as
 * one cohort awaits replies.
 */
function commonProtocol(profile: Profile): Pick<Profile, 'frame' | 'preface' | 'match'> {
  const plans = cohortPlans(profile).map(({ plan }) => plan);
  const [first = profile, ...others] = plans;
  const differs = others.some(
    ({ frame, preface }) =>
      frame.format !== first.frame.format ||
      preface.send !== first.preface.send ||
      preface.expect !== first.preface.expect,
  );
  if (differs) {
    throw new OperatingError(
      'ERR_PROFILE_INVALID',
      'Cannot use cohorts of different frame.format or preface without a target: the built-in target beside a run ' +
        'speaks one form of frames; give --target',
    );
  }
  const answered = plans.find(({ match }) => match.mode !== 'none') ?? first;
  const maxBytes = Math.max(...plans.map(({ frame }) => frame.maxBytes));
  return { frame: { ...first.frame, maxBytes }, preface: first.preface, match: answered.match };
}

async function listeningAddress(child: ChildProcess): Promise<string> {
  const { stdout, stderr } = child;
  let said = '';
  stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_LENGTH_MAX)));
  const lines = createInterface({ input: stdout as NodeJS.ReadableStream });
  const line = await Promise.race([
    once(lines, 'line', { signal: AbortSignal.timeout(START_MS_MAX) }).then(
      ([text]) => String(text),
      () => '',
    ),
    once(child, 'exit').then(() => ''),
  ]);
  const address = /^listening on (.+)$/.exec(line)?.[1];
  if (address !== undefined) return address;
  await stopChild(child);
  throw new OperatingError(
    'ERR_TARGET',
    `Cannot start the built-in target: it must say its address within ${START_MS_MAX / 1000} s, and it said ` +
      JSON.stringify((line || said).trim()),
    { exitCode: EXIT.bug },
  );
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const lastResort = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await exited;
  clearTimeout(lastResort);
}

/** The package's own program; this file runs from `dist/coordinator` or `src/coordinator`. */
function programPath(): string {
  return fileURLToPath(new URL('../../bin/tidemark.js', import.meta.url));
}

/** How often the built-in target sends unasked, on each connection, where some are there to be pushed to. */
const PUSH_RATE = '10/s';
const START_MS_MAX = 10_000;
/** How long the target may take to close its connections before it is killed. */
const STOP_MS_MAX = 2000;
/** So much of its last words is kept for an error message. */
const SAID_LENGTH_MAX = 2000;
