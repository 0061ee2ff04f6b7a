import { OperatingError } from '../base/errors.ts';
import { TargetProcessLog } from '../coordinator/target-process.ts';
import { ProcessWatch } from '../host/process-watch.ts';

/** What `--watch-pid` says in `--help`. */
export const WATCH_PID_HELP =
  "keep what this local process of the target's holds: memory, descriptors, threads, processor time (Linux)";

/**
 * Begins to follow the process that `--watch-pid` names.
 * @throws {OperatingError} when the text is no process number, or there is no such process (ERR_USAGE)
 */
export function watchPid(text: string): TargetProcessLog {
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    throw new OperatingError(
      'ERR_USAGE',
      `Cannot watch process '${text}' (--watch-pid): it must be a process number above 0, for example --watch-pid 4711`,
    );
  }
  return new TargetProcessLog(new ProcessWatch(Number(text)));
}
