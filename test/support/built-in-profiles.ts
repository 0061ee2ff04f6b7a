/**
 * Each built-in profile with how long it lasts here, and which of its thresholds fail against the target that its own
 * comments name ("See it fail"); others may fail beside them.
 */
export const BUILT_IN_PROFILES: readonly [name: string, seconds: number, failing: string[]][] = [
  ['backlog', 4, ['response.p99 < 500ms']],
  ['bulk', 3, ['throughput.sentBytes > 25MB/s', 'response.p99 < 500ms']],
  ['churn', 3, ['errors.rate < 0.1%']],
  ['dial-storm', 4, ['response.max < 3s']],
  ['idle-heartbeat', 4, ['sessions.heartbeat-missed == 0']],
  ['mixed', 4, ['idle:sessions.heartbeat-missed == 0', 'steady:response.p99 < 250ms']],
  ['push', 4, ['pushGap.p99 < 500ms']],
  ['ramp', 4, ['response.p99 < 200ms']],
  ['smoke', 2, ['errors.count == 0']],
  ['soak', 4, ['response.p99 < 250ms']],
  ['spike', 4, ['response.p99 < 250ms']],
  ['steady', 3, ['response.p99 < 100ms', 'throughput.frames > 1.98k/s']],
];
