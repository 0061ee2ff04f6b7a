/** How a session ended. First cause wins; every opened connection ends in exactly one. */
export const SESSION_OUTCOMES = [
  'closed-by-plan',
  'peer-closed',
  'peer-closed-mid-frame',
  'reset',
  'reset-mid-frame',
  'broken-pipe',
  'read-timeout',
  'read-timeout-mid-frame',
  'write-timeout',
  'keepalive-timeout',
  'user-timeout',
  'unreachable',
  'heartbeat-missed',
  'tls-failed',
  'bad-preface',
  'preface-timeout',
  'oversize-frame',
  'malformed-frame',
  'local-error',
] as const;
export type SessionOutcome = (typeof SESSION_OUTCOMES)[number];

/**
 * How a dial ended. `localLimit` is the generator's own (descriptors, ports, memory) and never charged to the target;
 * `abandoned` was still in progress when the run ended.
 */
export const DIAL_OUTCOMES = [
  'connected',
  'refused',
  'timedOut',
  'unreachable',
  'reset',
  'localLimit',
  'other',
  'abandoned',
] as const;
export type DialOutcome = (typeof DIAL_OUTCOMES)[number];

/** Where in a connection's life something failed. */
export type Phase = 'dial' | 'tls' | 'preface' | 'open' | 'drain';
