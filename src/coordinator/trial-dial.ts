import type { EngineEvents, Failure, TargetAddress } from '../engine/engine.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../engine/socket-options.ts';
import { NodeEngine } from '../engine/node/node-engine.ts';
import type { DialOutcome } from '../measure/outcome.ts';
import { classifyDial } from '../session/classify.ts';

/** How the trial dial of one address ended. */
export interface TrialResult {
  address: TargetAddress;
  outcome: DialOutcome;
  failure: Failure | null;
}

/**
 * Dials every address of the target once and closes in order, so that a target that is not there is one clear message
 * and not as many errors as the plan has connections.
 */
export async function trialDial(addresses: TargetAddress[], timeoutUs: number): Promise<TrialResult[]> {
  const trial = new Trial(addresses);
  const engine = new NodeEngine({ slots: addresses.length, outboxBytes: 1 }, trial);
  trial.begin(engine, timeoutUs);
  await engine.run();
  return trial.results;
}

class Trial implements EngineEvents {
  readonly results: TrialResult[];
  #engine: NodeEngine | null = null;
  #left: number;

  constructor(addresses: TargetAddress[]) {
    this.results = addresses.map((address) => ({ address, outcome: 'timedOut', failure: null }));
    this.#left = addresses.length;
  }

  begin(engine: NodeEngine, timeoutUs: number): void {
    this.#engine = engine;
    const deadlineUs = engine.nowUs() + timeoutUs;
    this.results.forEach(({ address }, slot) => {
      engine.dial(slot, { address, options: DEFAULT_SOCKET_OPTIONS, sourceIp: null, tls: null });
      engine.setDeadline(slot, 'read', deadlineUs);
    });
  }

  dialed(slot: number): void {
    this.#note(slot, 'connected', null);
    this.#engine?.close(slot);
  }

  dialFailed(slot: number, _nowUs: number, failure: Failure): void {
    this.#note(slot, classifyDial(failure), failure);
    this.#end();
  }

  closed(): void {
    this.#end();
  }

  expired(slot: number): void {
    this.#engine?.destroy(slot);
  }

  secured(): void {}
  received(): void {}
  ended(): void {}
  stalled(): void {}
  writable(): void {}
  tick(): void {}

  #note(slot: number, outcome: DialOutcome, failure: Failure | null): void {
    const result = this.results[slot];
    if (result !== undefined) Object.assign(result, { outcome, failure });
  }

  #end(): void {
    this.#left--;
    if (this.#left === 0) this.#engine?.stop();
  }
}
