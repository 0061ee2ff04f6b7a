import { parseBytes } from '../base/byte-text.ts';
import { keyName } from './flags.ts';
import { contentComplaints } from './payload-rules.ts';
import { unless, type ProfileRule } from './profile-rule.ts';
import type { Profile } from './profile.ts';
import type { ProfilePath } from './profile-values.ts';

/** A heartbeat is a frame whose reply is awaited: what that asks of other keys. */
export const HEARTBEAT_RULES: readonly ProfileRule[] = [
  { at: 'heartbeat.every', reads: ['match.mode', 'frame.format'], complaints: replyComplaints },
  needsHeartbeat('heartbeat.payload'),
  needsHeartbeat('heartbeat.timeout'),
  {
    at: 'heartbeat.payload',
    reads: ['frame.format', 'frame.maxBytes', 'match.mode', 'heartbeat.every'],
    complaints: payloadComplaints,
  },
];

function replyComplaints({ heartbeat, frame, match }: Profile): string[] {
  if (heartbeat === null) return [];
  if (frame.format === 'none') {
    return [
      'cannot stand beside frame.format (--frame) none, since a byte stream has no replies; drop one of them',
    ];
  }
  return unless(
    match.mode !== 'none',
    'needs replies that are matched, and match.mode (--match) is none; set that to fifo or id, or drop the heartbeat',
  );
}

function needsHeartbeat(at: ProfilePath): ProfileRule {
  return {
    at,
    reads: ['heartbeat.every'],
    complaints: ({ heartbeat }, given) =>
      unless(
        heartbeat !== null || !given.has(at),
        `has no effect without ${keyName('heartbeat.every')}; give that, or drop ${at}`,
      ),
  };
}

function payloadComplaints(profile: Profile): string[] {
  const payload = profile.heartbeat?.payload ?? null;
  if (payload === null) return [];
  if (profile.match.mode === 'id') {
    return [
      'cannot be told where match.mode (--match) is id, since its reply would carry none; match by fifo, or drop ' +
        'heartbeat.payload to send the ordinary payload',
    ];
  }
  const unstamped: Profile = { ...profile, payload: { ...profile.payload, stamp: 'off' } };
  return contentComplaints(unstamped, parseBytes(payload));
}
