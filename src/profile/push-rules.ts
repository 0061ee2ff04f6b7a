import { maxPayloadBytes } from '../framing/encoder.ts';
import { formatSize } from '../base/units.ts';
import { parseFrameFormat } from '../framing/frame-format.ts';
import { parsePushStamp, pushStampEnd } from '../framing/push-stamp.ts';
import type { Profile } from './profile.ts';
import { isOpenModel } from './load-model.ts';
import { unless, type ProfileRule } from './profile-rule.ts';

/** What connections that only listen ask of other keys. */
export const PUSH_RULES: readonly ProfileRule[] = [
  {
    at: 'load.send',
    reads: ['load.rate', 'load.totalRate', 'load.think', 'stages'],
    complaints: (profile) =>
      unless(
        profile.load.send === 'on' || (!isOpenModel(profile) && profile.load.thinkUs === 0),
        'cannot be off beside load.rate, load.totalRate, load.think or stages that lead to a rate, which say when frames ' +
          'are sent; drop one of them',
      ),
  },
  {
    at: 'load.send',
    reads: ['load.window'],
    // A window of 1 is what the closed model has by itself, and what an effective profile says.
    complaints: ({ load }) =>
      unless(
        load.send === 'on' || load.window === null || load.window === 1,
        'cannot be off beside load.window (--window), which says how many frames wait for replies; drop one of them',
      ),
  },
  {
    at: 'load.send',
    reads: ['heartbeat.every', 'match.mode'],
    complaints: ({ load, heartbeat, match }) =>
      unless(
        load.send === 'on' || heartbeat === null || match.mode === 'id',
        'cannot be off beside heartbeats whose replies are matched in order, since a pushed frame would be taken for ' +
          'one; set match.mode (--match) to id',
      ),
  },
  {
    at: 'payload.pushStamp',
    reads: ['load.send'],
    complaints: ({ load, payload }) =>
      unless(
        payload.pushStamp === null || load.send === 'off',
        'belongs to frames that are pushed to connections which only listen, and load.send is on; set that to off, or ' +
          'drop payload.pushStamp',
      ),
  },
  { at: 'payload.pushStamp', reads: ['frame.format', 'frame.maxBytes'], complaints: pushStampComplaints },
];

/** A stamp must have room in every frame, and its bytes, which may have any value, must not end one. */
function pushStampComplaints({ payload, frame }: Profile): string[] {
  if (payload.pushStamp === null) return [];
  const format = parseFrameFormat(frame.format);
  const value = `current value is ${payload.pushStamp}`;
  if (format.kind === 'none') {
    return [`needs frames, and frame.format (--frame) none is a byte stream, ${value}; drop one of them`];
  }
  if (format.kind === 'delimiter') {
    return [
      `cannot stand in frames that end with a delimiter, which a binary time may hold, ${value}; choose another ` +
        'frame.format (--frame), or drop payload.pushStamp',
    ];
  }
  const mostBytes = Math.min(maxPayloadBytes(format), frame.maxBytes);
  const endBytes = pushStampEnd(parsePushStamp(payload.pushStamp));
  return unless(
    endBytes <= mostBytes,
    `must end within the payload, which frame.format (--frame) and frame.maxBytes limit to ${formatSize(mostBytes)}, and ` +
      `it ends at ${formatSize(endBytes)}: ${value}; begin it earlier, or allow larger frames`,
  );
}
