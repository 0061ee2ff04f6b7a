import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { ContractScene, type ContractHarness } from './contract-scene.ts';
import { describeDeadlines } from './deadline-contract.ts';
import { describeDialing } from './dial-contract.ts';
import { describeEnding } from './ending-contract.ts';
import { describeLoop } from './loop-contract.ts';
import { describeModes } from './mode-contract.ts';
import { describeReceiving } from './receive-contract.ts';
import { describeSending } from './send-contract.ts';
import { describeTls } from './tls-contract.ts';

/**
 * The suite that every engine passes. Tests of a capability run where the engine declares it and are skipped
 * elsewhere; an engine that is `missing` here is skipped with the reason. Beside what each test asks, every event of every test is held against the rules of engine-rules.ts.
 */
export function describeEngineContract(name: string, harness: ContractHarness | { missing: string }): void {
  if ('missing' in harness) return describeMissing(name, harness.missing);
  describe(`${name} keeps the engine contract`, () => {
    const scene = new ContractScene(harness);
    beforeAll(() => scene.open());
    afterEach(() => scene.reset());
    afterAll(() => scene.close());

    describeDialing(scene);
    describeSending(scene);
    describeReceiving(scene);
    describeEnding(scene);
    describeModes(scene);
    describeDeadlines(scene);
    describeLoop(scene);
    describe.skipIf(!scene.capabilities.tls)('with TLS', () => {
      describeTls(scene);
    });
  });
}

function describeMissing(name: string, reason: string): void {
  test(`${name} keeps the engine contract`, (context) => {
    context.skip(reason !== '', reason);
    expect(reason).toBe('');
  });
}
