/** What the files of a run's directory are called. */
export const RUN_FILES = {
  /** Written first. */
  manifest: 'run.json',
  /** The effective profile as YAML: `tidemark run` on it repeats the run. */
  profile: 'profile.yaml',
  intervals: 'intervals.jsonl',
  histograms: 'latency.hlog',
  /** A line for each command of `tidemark ctl`; absent where there was none. */
  events: 'events.jsonl',
  /** The unix socket through which a run is steered, while it is on. */
  control: 'control.sock',
  /** Written last: without it the run did not end. */
  summary: 'summary.json',
  /** What a run that goes on has come to so far; gone when it has ended. */
  checkpoint: 'checkpoint.json',
} as const;

/** Where runs go unless `--out` says otherwise. */
export const OUT_DIRECTORY_DEFAULT = 'runs';
