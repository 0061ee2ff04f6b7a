import { formatFrameFormat, lengthMax, type FrameFormat } from '../../framing/frame-format.ts';
import { formatSize } from '../../base/units.ts';
import { FAULT_CATALOGUE, type FaultNeed } from './catalogue.ts';
import type { FaultSpec } from './fault.ts';

/** What of a target's plan decides which faults it can have. */
export interface FaultedPlan {
  format: FrameFormat;
  maxPayloadBytes: number;
  mode: 'echo' | 'sink';
}

/** What else decides it. */
export interface FaultGround extends FaultedPlan {
  tls: boolean;
  unixSocket: boolean;
  /** Why the target cannot make its own system calls; null: it can. */
  libcObstacle: string | null;
}

/** A sentence for every fault that makes no sense, or cannot be done, on this target. */
export function unmetNeeds(specs: readonly FaultSpec[], ground: FaultGround): string[] {
  return specs.flatMap(({ text, fault }) =>
    FAULT_CATALOGUE[fault.name].needs.flatMap((need) => {
      const why = OBSTACLES[need](ground);
      return why === null ? [] : [`Cannot lay the fault ${text} on this target: ${why}`];
    }),
  );
}

/** Whether any of the faults needs a target that accepts and reads by its own system calls. */
export function needsLibc(specs: readonly FaultSpec[]): boolean {
  return specs.some(({ fault }) => FAULT_CATALOGUE[fault.name].needs.includes('libc'));
}

const OBSTACLES: Readonly<Record<FaultNeed, (ground: FaultGround) => string | null>> = {
  libc: ({ libcObstacle }) => libcObstacle,
  frames: ({ format }) => (format.kind === 'none' ? 'a byte stream (--frame none) has no frames' : null),
  length: lengthObstacle,
  empty: ({ format }) =>
    format.kind === 'fixed' ? `${formatFrameFormat(format)} has no empty frames` : null,
  replies: ({ mode }) => (mode === 'sink' ? 'it changes replies, and --mode sink sends none' : null),
  plain: ({ tls }) => (tls ? 'it counts bytes of the connection itself, which TLS hides' : null),
  tcp: ({ unixSocket }) => (unixSocket ? 'a unix socket knows no RST' : null),
};

function lengthObstacle({ format, maxPayloadBytes }: FaultGround): string | null {
  if (format.kind === 'none') return null;
  const form = formatFrameFormat(format);
  if (format.kind !== 'length') return `${form} announces no length`;
  const most = lengthMax(format) - (format.countsHeader ? format.headerBytes : 0);
  if (most > maxPayloadBytes) return null;
  return `${form} announces ${formatSize(most)} at most, which --frame-max ${formatSize(maxPayloadBytes)} allows; lower it`;
}
