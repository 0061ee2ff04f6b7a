import type { Profile } from '../profile.ts';
import type { ProfilePath } from '../profile-values.ts';
import type { FigureNeed } from './figures.ts';

/** What a plan must have for some figures to exist. */
interface Need {
  isMet: (plan: Profile) => boolean;
  /** After the name of the figure. */
  why: string;
  advice: string;
  /** The key that decides. */
  reads: ProfilePath;
  /** What must be met before. */
  implies?: FigureNeed;
}

/** Every need, with the sentence for a plan that does not meet it. */
export const FIGURE_NEEDS: Readonly<Record<FigureNeed, Need>> = {
  tls: {
    isMet: ({ tls }) => tls.enabled,
    why: 'belongs to TLS, which is off',
    advice: 'turn on tls.enabled (--tls)',
    reads: 'tls.enabled',
  },
  expectedPreface: {
    isMet: ({ preface }) => preface.expect !== null,
    why: 'belongs to a preface that the target sends, and none is expected',
    advice: 'give preface.expect (--expect-preface)',
    reads: 'preface.expect',
  },
  heartbeat: {
    isMet: ({ heartbeat }) => heartbeat !== null,
    why: 'belongs to heartbeats, and none are sent',
    advice: 'give heartbeat.every (--heartbeat)',
    reads: 'heartbeat.every',
  },
  sending: {
    isMet: ({ load }) => load.send === 'on',
    why: 'belongs to frames that are sent, and load.send is off',
    advice: 'set that to on',
    reads: 'load.send',
  },
  matching: {
    isMet: ({ match }) => match.mode !== 'none',
    why: 'needs replies that are matched, and match.mode (--match) is none',
    advice: 'match by fifo or id',
    reads: 'match.mode',
    implies: 'sending',
  },
  noMatching: {
    isMet: ({ match }) => match.mode === 'none',
    why: 'counts frames without replies, and match.mode (--match) is not none',
    advice: 'set that to none',
    reads: 'match.mode',
  },
  verification: {
    isMet: ({ match }) => match.verify === 'echo',
    why: 'needs replies that are verified, and match.verify (--verify) is off',
    advice: 'set that to echo',
    reads: 'match.verify',
    implies: 'sending',
  },
  listening: {
    isMet: ({ load }) => load.send === 'off',
    why: 'belongs to connections that only listen, and these send',
    advice: 'set load.send to off',
    reads: 'load.send',
  },
  pushStamp: {
    isMet: ({ payload }) => payload.pushStamp !== null,
    why: 'needs the time at which frames were pushed, and the profile says of none',
    advice: 'give payload.pushStamp',
    reads: 'payload.pushStamp',
  },
  keepalive: {
    isMet: ({ socket }) => socket.keepAlive !== null,
    why: 'belongs to keepalive, which is off',
    advice: 'give socket.keepalive (--keepalive)',
    reads: 'socket.keepalive',
  },
  reconnects: {
    isMet: ({ connections }) => connections.reconnect !== 'none',
    why: 'counts reconnects, and none are made',
    advice: 'set connections.reconnect (--reconnect)',
    reads: 'connections.reconnect',
  },
  userTimeout: {
    isMet: ({ socket }) => socket.userTimeoutMs !== null,
    why: 'belongs to the user timeout, which is not set',
    advice: 'give socket.userTimeout (--user-timeout)',
    reads: 'socket.userTimeout',
  },
  // Which engine runs is known only when one has been picked: `engineComplaints` judges it then.
  epoll: { isMet: () => true, why: '', advice: '', reads: 'engine' },
};

/** What of a need the plan does not meet; null where it meets it. */
export function unmetNeed(need: FigureNeed, plan: Profile): FigureNeed | null {
  const { implies, isMet } = FIGURE_NEEDS[need];
  const before = implies === undefined ? null : unmetNeed(implies, plan);
  return before ?? (isMet(plan) ? null : need);
}

/** The keys that decide whether needs are met. */
export const KEYS_OF_NEEDS: readonly ProfilePath[] = [
  ...new Set(Object.values(FIGURE_NEEDS).map(({ reads }) => reads)),
];
