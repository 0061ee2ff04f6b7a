import { OperatingError } from '../../base/errors.ts';
import { monotonicClock } from '../../base/clock.ts';
import type { ShardPlan } from '../../shard/shard-plan.ts';
import type { RunEvent } from '../../store/run-event.ts';
import type { RunWriter } from '../../store/run-writer.ts';
import { CommandError, parseCommand } from './command.ts';
import { ControlSocket } from './control-socket.ts';
import { LiveControl, type SteeredShards } from './live-control.ts';

/** The live control of one run, from the time its shards are launched until they have ended. */
export interface RunSteering {
  events: RunEvent[];
  /** Whether a command has ended the run. */
  stopped: boolean;
  /** Why nobody could steer the run; null where somebody could. */
  fault: string | null;
}

/** A run that nobody could have steered: it had no shards. */
export const UNSTEERED: RunSteering = { events: [], stopped: false, fault: null };

export interface SteeringOptions {
  plan: ShardPlan;
  shards: SteeredShards;
  writer: RunWriter;
  /** Is told of every command, carried out or refused. */
  observe?: (event: RunEvent) => void;
}

/** Serves live control while `work` lasts. */
export async function steerWhile(options: SteeringOptions, work: () => Promise<void>): Promise<RunSteering> {
  const events: RunEvent[] = [];
  const live = new LiveControl({
    plan: options.plan,
    shards: options.shards,
    nowUs: () => monotonicClock().nowUs(),
    record: (event) => {
      events.push(event);
      options.writer.appendEvent(event);
      options.observe?.(event);
    },
  });
  const socket = new ControlSocket(options.writer.directory, (line) => answerTo(line, live));
  await socket.open();
  try {
    await work();
  } finally {
    await socket.close();
  }
  return { events, stopped: live.stopped, fault: socket.fault };
}

/** What a client gets for a line: the event that it made, or why it is no command. */
function answerTo(line: string, live: LiveControl): Omit<RunEvent, 'command' | 'atSeconds'> | RunEvent {
  try {
    return live.execute(parseCommand(line));
  } catch (error) {
    if (error instanceof CommandError || error instanceof OperatingError) {
      return { ok: false, effect: error.message };
    }
    throw error;
  }
}
