import { keyName } from './flags.ts';
import { unless, type ProfileRule } from './profile-rule.ts';

/** What replacing connections asks of other keys. */
export const CHURN_RULES: readonly ProfileRule[] = [
  {
    at: 'connections.backoff',
    reads: ['connections.reconnect'],
    complaints: ({ connections }, given) =>
      unless(
        connections.reconnect === 'backoff' || (given.get('connections.backoff')?.value ?? null) === null,
        `has no effect while ${keyName('connections.reconnect')} is ${connections.reconnect}; set that to backoff, ` +
          'or drop connections.backoff',
      ),
  },
];
