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
];
