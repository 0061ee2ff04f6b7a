import { formatSize } from '../base/units.ts';
import { maxPayloadBytes } from '../framing/encoder.ts';
import { formatFrameFormat, parseFrameFormat, type FrameFormat } from '../framing/frame-format.ts';
import { stampBytes } from '../framing/stamp.ts';
import type { Profile } from './profile.ts';

/** Least and largest size of a profile's payloads. */
export interface PayloadBounds {
  minBytes: number;
  maxBytes: number;
}

/**
 * Why payloads of these sizes cannot be framed as the profile says; each sentence says how to resolve it.
 * @param what how the sentence begins, for example `payloads of 64B to 4KiB`
 */
export function sizeComplaints(profile: Profile, bounds: PayloadBounds): string[] {
  const format = parseFrameFormat(profile.frame.format);
  const complaint = formatComplaint(format, bounds) ?? maxComplaint(profile, bounds);
  const complaints = complaint === null ? [] : [complaint];
  const room = stampBytes(format);
  if (profile.payload.stamp === 'on' && bounds.minBytes < room) {
    complaints.push(
      `must have room for a stamp of ${room} bytes, smallest size is ${formatSize(bounds.minBytes)}; ` +
        'enlarge it, or set payload.stamp (--stamp) to off',
    );
  }
  return complaints;
}

/** Why these very bytes cannot be every frame's payload; each sentence says how to resolve it. */
export function contentComplaints(profile: Profile, content: Uint8Array): string[] {
  const complaints = sizeComplaints(profile, { minBytes: content.length, maxBytes: content.length });
  const format = parseFrameFormat(profile.frame.format);
  if (format.kind !== 'delimiter') return complaints;
  // The end counts as well: with \r\n\r\n, a payload that ends in \r\n would end its frame two bytes early.
  const framed = Buffer.concat([content, format.delimiter]);
  const end = framed.indexOf(format.delimiter);
  if (end < content.length) {
    complaints.push(
      `must not hold the delimiter of ${formatFrameFormat(format)}, which ends it at byte ${end}; ` +
        'change it, or choose another frame.format (--frame)',
    );
  }
  return complaints;
}

function formatComplaint(format: FrameFormat, { minBytes, maxBytes }: PayloadBounds): string | null {
  const form = formatFrameFormat(format);
  if (format.kind === 'fixed' && (minBytes !== format.payloadBytes || maxBytes !== format.payloadBytes)) {
    const sizes =
      minBytes === maxBytes ? formatSize(maxBytes) : `${formatSize(minBytes)} to ${formatSize(maxBytes)}`;
    return `must have exactly the ${formatSize(format.payloadBytes)} of ${form}, current size is ${sizes}`;
  }
  if (format.kind === 'none' && maxBytes === 0)
    return 'must have at least 1B, since a stream of nothing has no frames';
  if (maxBytes <= maxPayloadBytes(format)) return null;
  const most = formatSize(maxPayloadBytes(format));
  return (
    `must have at most ${most}, the most that the length of ${form} can tell, largest size is ` +
    `${formatSize(maxBytes)}; shrink it, or choose a wider frame.format (--frame)`
  );
}

function maxComplaint(profile: Profile, { maxBytes }: PayloadBounds): string | null {
  if (maxBytes <= profile.frame.maxBytes) return null;
  return (
    `must have at most ${formatSize(profile.frame.maxBytes)}, largest size is ${formatSize(maxBytes)}; ` +
    'shrink it, or raise frame.maxBytes (--frame-max)'
  );
}
