import { formatCount, formatRate, parseCount, parseRate, UnitError } from '../../base/units.ts';

/** What a user can ask of a run that is on. */
export type LiveCommand =
  | { name: 'pause' | 'resume' | 'stop' }
  | { name: 'rate'; cohort: string | null; ratePerSecond: number }
  | { name: 'connections'; cohort: string | null; connections: number };

/** What a command does, in words. */
const COMMAND_FORMS = 'pause, resume, rate R (for example rate 10k/s), connections N, stop';

/** A command that cannot be understood, in a sentence that says what can. */
export class CommandError extends Error {}

/**
 * Reads one command.
 * @throws {CommandError} when it is none
 */
export function parseCommand(text: string): LiveCommand {
  const [name, value, ...others] = text.trim().split(/\s+/);
  if (others.length > 0) throw unknownCommand(text);
  const { cohort = null, amount } = /^(?:(?<cohort>.*):)?(?<amount>[^:]*)$/.exec(value ?? '')?.groups ?? {};
  const given = value === undefined ? undefined : amount;
  if (name === 'rate') return { name, cohort, ratePerSecond: read(name, given, parseRate) };
  if (name === 'connections') return { name, cohort, connections: read(name, given, parseCount) };
  if (name !== 'pause' && name !== 'resume' && name !== 'stop') throw unknownCommand(text);
  if (value === undefined) return { name };
  throw new CommandError(`Cannot ${name} with a value: current value is ${quote(value)}`);
}

/** The command as a user writes it. */
export function formatCommand(command: LiveCommand): string {
  if (command.name !== 'rate' && command.name !== 'connections') return command.name;
  const cohort = command.cohort === null ? '' : `${command.cohort}:`;
  const amount =
    command.name === 'rate' ? formatRate(command.ratePerSecond) : formatCount(command.connections);
  return `${command.name} ${cohort}${amount}`;
}

function read(name: string, value: string | undefined, parse: (text: string) => number): number {
  const example = name === 'rate' ? 'rate 10k/s' : 'connections 500';
  if (value === undefined) throw new CommandError(`Cannot set the ${name} without a value: write ${example}`);
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof UnitError)) throw error;
    throw new CommandError(`Cannot set the ${name}: ${error.message}`);
  }
}

function unknownCommand(text: string): CommandError {
  return new CommandError(
    `Cannot do ${quote(text.slice(0, SHOWN_LENGTH))}: a command is one of ${COMMAND_FORMS}`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Characters of a text that is no command, in the answer to it. */
const SHOWN_LENGTH = 40;
