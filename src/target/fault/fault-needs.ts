import { formatFrameFormat, lengthMax, type FrameFormat } from '../../framing/frame-format.ts';
import { formatSize } from '../../base/units.ts';
import { FAULT_CATALOGUE, type FaultNeed } from './catalogue.ts';
import type { Fault, FaultSpec } from './fault.ts';
import { STAMP_BYTES } from './limits.ts';

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
  return specs.flatMap(({ text, fault }) => {
    const needs = FAULT_CATALOGUE[fault.name].needs.map((need) => OBSTACLES[need](ground));
    return [...needs, stampObstacle(fault, ground)].flatMap((why) =>
      why === null ? [] : [`Cannot lay the fault ${text} on this target: ${why}`],
    );
  });
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

/** A binary time needs its room, and may hold any delimiter. */
function stampObstacle(fault: Fault, { format, maxPayloadBytes }: FaultGround): string | null {
  if (fault.name !== 'push' || !fault.stamp || format.kind === 'none') return null;
  const form = formatFrameFormat(format);
  if (format.kind === 'delimiter')
    return `its binary time may hold the delimiter of ${form}; push without stamp`;
  const roomBytes = format.kind === 'fixed' ? format.payloadBytes : maxPayloadBytes;
  if (roomBytes >= STAMP_BYTES) return null;
  return `its time takes ${STAMP_BYTES} bytes, and a payload has ${formatSize(roomBytes)} at most`;
}
