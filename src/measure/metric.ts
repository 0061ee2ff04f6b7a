/** What is timed; each metric has a histogram in microseconds. */
export const METRICS = [
  'dial',
  'tls',
  'preface',
  'response',
  'service',
  'sendLag',
  'writeStall',
  'heartbeat',
  'detect',
  'pushGap',
  'pushLatency',
] as const;
export type Metric = (typeof METRICS)[number];
