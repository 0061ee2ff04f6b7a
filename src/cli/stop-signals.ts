/** What ends a run early; SIGHUP is what a closed terminal sends. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
