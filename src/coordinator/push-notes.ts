import { parsePushStamp } from '../framing/push-stamp.ts';
import { COUNTER, type Counters } from '../measure/counters.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import type { Profile } from '../profile/profile.ts';
import { parseTargetSpec } from '../profile/target-spec.ts';

/** What must be known of push latencies to read them, in sentences; none where nothing pushed carries a stamp. */
export function pushNotes(profile: Profile, counters: Counters): string[] {
  const forms = cohortPlans(profile).map(({ plan }) => plan.payload.pushStamp);
  const clocks = new Set(forms.flatMap((form) => (form === null ? [] : [parsePushStamp(form).clock])));
  if (clocks.size === 0) return [];
  const notes: string[] = [];
  if (clocks.has('wall')) {
    notes.push(
      "push latency is held against the target's wall clock: whatever that clock is apart from this machine's is in " +
        'every value, and nothing here can tell how much it is',
    );
  }
  if (clocks.has('monotonic') && isElsewhere(profile.target)) {
    notes.push(
      'push latency is held against CLOCK_MONOTONIC, which two machines have not in common: it holds only if ' +
        `${profile.target ?? ''} is this machine; else stamp by the wall clock`,
    );
  }
  return [...notes, ...stampNotes(counters)];
}

function stampNotes(counters: Counters): string[] {
  const pushed = counters[COUNTER.framesPushed] ?? 0;
  const ahead = counters[COUNTER.framesPushAhead] ?? 0;
  const unstamped = counters[COUNTER.framesPushUnstamped] ?? 0;
  const notes: string[] = [];
  if (ahead > 0) {
    notes.push(
      `${ahead} of ${pushed} pushed frames carry a time that was still to come, and count with a latency of 0: the ` +
        'clocks are apart, or payload.pushStamp has another place, byte order or unit than the target',
    );
  }
  if (unstamped > 0) {
    notes.push(
      `${unstamped} of ${pushed} pushed frames were too short for payload.pushStamp and have no latency`,
    );
  }
  return notes;
}

function isElsewhere(target: string | null): boolean {
  if (target === null) return false;
  const spec = parseTargetSpec(target);
  return spec.kind === 'tcp' && !/^(127\.|::1$|localhost$)/.test(spec.host);
}
