import { onTestFinished, vi } from 'vitest';

import { parseFrameFormat } from '../../../src/framing/frame-format.ts';
import type { FaultTruth } from '../../../src/target/fault/fault-book.ts';
import { parseFault } from '../../../src/target/fault/fault-grammar.ts';
import { startTarget, type Target, type TargetOptions } from '../../../src/target/target.ts';
import type { TargetTruth } from '../../../src/target/target-counters.ts';
import { connectPeer, type Peer } from '../../support/peer.ts';

/** A target with faults that ends with the test at the latest. */
export interface FaultyTarget {
  target: Target;
  connect(): Promise<Peer>;
  /** Ends the target and returns what it did. */
  truth(): Promise<TargetTruth>;
}

/** Starts a target with the faults of these forms. */
export async function faulty(
  forms: string | readonly string[],
  options: TargetOptions & { frame?: string } = {},
): Promise<FaultyTarget> {
  const faults = [forms].flat().map(parseFault);
  const { frame = 'u32be', ...rest } = options;
  const target = await startTarget({ ...rest, format: parseFrameFormat(frame), faults });
  let ended: Promise<TargetTruth> | null = null;
  const truth = (): Promise<TargetTruth> => (ended ??= target.close());
  onTestFinished(async () => {
    await truth();
  });
  return {
    target,
    truth,
    async connect() {
      const peer = await connectPeer(target.address);
      onTestFinished(() => void peer.socket.destroy());
      return peer;
    },
  };
}

/** The truth of the only fault. */
export async function onlyTruth(target: FaultyTarget): Promise<FaultTruth> {
  const [only, ...more] = (await target.truth()).faults;
  if (only === undefined || more.length > 0) throw new Error('not exactly one fault');
  return only;
}

/** u32be frames of these texts, back to back. */
export function frames(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const header = Buffer.alloc(4);
      header.writeUInt32BE(text.length);
      return [header, Buffer.from(text, 'latin1')];
    }),
  );
}

/** Waits until the target has accepted so many connections. */
export async function accepted(target: Target, connections: number): Promise<void> {
  await vi.waitFor(() => expectAccepted(target, connections), { timeout: 10_000, interval: 2 });
}

function expectAccepted(target: Target, connections: number): void {
  const { accepted: now } = target.counters().connections;
  if (now < connections) throw new Error(`${now} of ${connections} connections are accepted`);
}
