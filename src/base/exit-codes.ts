/** How the process ends; users script against these numbers, so they never change their meaning. */
export const EXIT = {
  passed: 0,
  bug: 1,
  thresholdFailed: 99,
  usage: 104,
  interrupted: 105,
  invalid: 120,
  regression: 121,
  inconclusive: 122,
  noConnection: 123,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
