import { present } from '../base/assert.ts';
import type { EngineEvents, Failure, TargetAddress } from '../engine/engine.ts';
import { DEFAULT_SOCKET_OPTIONS } from '../engine/socket-options.ts';
import { NodeEngine } from '../engine/node/node-engine.ts';
import type { DialOutcome } from '../measure/outcome.ts';
import { classifyDial } from '../session/classify.ts';
import type { StopSwitch } from './stop-switch.ts';

/** How the trial dial of one address ended. */
export interface TrialResult {
  address: TargetAddress;
  outcome: DialOutcome;
  failure: Failure | null;
}

/**
 * Dials every address of the target once and closes in order, so that a target that is not there is one clear message
 * and not as many errors as the plan has connections.
 * @param stopSwitch at its first request the dials that are under way are given up: `abandoned`
 */
export async function trialDial(
  addresses: TargetAddress[],
  timeoutUs: number,
  stopSwitch: StopSwitch,
): Promise<TrialResult[]> {
  const trial = new Trial(addresses);
  const engine = new NodeEngine({ slots: addresses.length, outboxBytes: 1 }, trial);
  trial.begin(engine, timeoutUs);
  stopSwitch.onRequest(() => trial.giveUp());
  await engine.run();
  return trial.results;
}

class Trial implements EngineEvents {
  readonly results: TrialResult[];
  #engine: NodeEngine | null = null;
  readonly #underWay = new Set<number>();

  constructor(addresses: TargetAddress[]) {
    this.results = addresses.map((address) => ({ address, outcome: 'timedOut', failure: null }));
  }

  begin(engine: NodeEngine, timeoutUs: number): void {
    this.#engine = engine;
    const deadlineUs = engine.nowUs() + timeoutUs;
    this.results.forEach(({ address }, slot) => {
      engine.dial(slot, { address, options: DEFAULT_SOCKET_OPTIONS, sourceIp: null, tls: null });
      engine.setDeadline(slot, 'read', deadlineUs);
      this.#underWay.add(slot);
    });
  }

  giveUp(): void {
    for (const slot of this.#underWay) {
      if (this.results[slot]?.outcome === 'timedOut') this.#note(slot, 'abandoned', null);
      this.#engine?.destroy(slot);
    }
  }

  dialed(slot: number): void {
    this.#note(slot, 'connected', null);
    this.#engine?.close(slot);
  }

  dialFailed(slot: number, _nowUs: number, failure: Failure): void {
    const { address } = present(this.results[slot], 'the trial of an event');
    this.#note(slot, classifyDial(failure, address.family), failure);
    this.#end(slot);
  }

  closed(slot: number): void {
    this.#end(slot);
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

  #end(slot: number): void {
    this.#underWay.delete(slot);
    if (this.#underWay.size === 0) this.#engine?.stop();
  }
}
