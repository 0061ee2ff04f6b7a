import type { CapacityObserver } from '../campaign/capacity-campaign.ts';
import type { LoadKind } from '../analysis/capacity/capacity-result.ts';
import { trialLine } from '../report/capacity-progress.ts';
import type { Io } from './io.ts';

/** A line on stderr for each trial; nothing of its own accord where `quiet`. */
export function createCapacityView(io: Io, quiet: boolean): CapacityObserver {
  const say = (line: string): void => void (quiet || io.stderr.write(`${line}\n`));
  let of: LoadKind = 'rate';
  return {
    started(question, directory) {
      of = question.of;
      say(
        `${question.label}: searching for the most ${of === 'rate' ? 'frames a second' : 'connections'}, stored in ${directory}`,
      );
    },
    trial: (trial) => say(trialLine(trial, of)),
    settling: () => say('the target has replies to give: waiting until it has got over it'),
    // What the disk refuses is said even where progress is not.
    noticed: (sentence) => void io.stderr.write(`${sentence}\n`),
  };
}
