import { closestWord } from '../../base/suggestion.ts';
import { formatCount } from '../../base/units.ts';
import type { LiveChange } from '../../shard/control.ts';
import type { ShardPlan } from '../../shard/shard-plan.ts';
import type { RunEvent } from '../../store/run-event.ts';
import { formatCommand, type LiveCommand } from './command.ts';
import { LiveCohort } from './live-cohort.ts';

/** The running shards, as live control sees them. */
export interface SteeredShards {
  /** When the run began, in monotonic microseconds; null before that. */
  readonly originUs: number | null;
  /** Whether they were told to drain: by a command, a signal, or a threshold that ends the run. */
  readonly draining: boolean;
  change(change: LiveChange): void;
  drain(): void;
}

export interface LiveControlOptions {
  /** Of any shard: what is looked at is the same in all. */
  plan: Pick<ShardPlan, 'durationUs' | 'cohorts'>;
  shards: SteeredShards;
  nowUs: () => number;
  /** Keeps an event with the run. */
  record: (event: RunEvent) => void;
}

/**
 * Carries out what users ask of a run that is on, and keeps every command, carried out or refused, as an event. A change
 * has one time for all shards, a little ahead, so that each has read it when it takes effect. What a command changes is
 * no longer changed by later stages.
 */
export class LiveControl {
  readonly #options: LiveControlOptions;
  #cohorts: LiveCohort[] | null = null;
  #paused: boolean = false;
  #stopped: boolean = false;
  #events: number = 0;

  constructor(options: LiveControlOptions) {
    this.#options = options;
  }

  /** Whether a command has ended the run. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Does what the command says, or says why not; the event tells from when on. */
  execute(command: LiveCommand): RunEvent {
    const { shards, nowUs, record } = this.#options;
    const { originUs } = shards;
    const atUs = nowUs() + LEAD_US;
    const elapsedUs = originUs === null ? 0 : Math.max(0, atUs - originUs);
    const outcome =
      originUs === null
        ? refused('the run has not begun yet; try again in a moment')
        : (this.#refusal(command, elapsedUs) ?? this.#carryOut(command, atUs, originUs));
    const atSeconds = Math.round(elapsedUs) / 1e6;
    const event: RunEvent = { atSeconds, command: formatCommand(command), ...outcome };
    if (this.#events++ < EVENTS_MAX) record(event);
    return event;
  }

  /** Why no such command can be carried out now; null where it can. */
  #refusal({ name }: LiveCommand, elapsedUs: number): Outcome | null {
    if (this.#events >= EVENTS_MAX)
      return refused(`the run has taken ${EVENTS_MAX} commands, which is the most`);
    if (this.#stopped) return refused('the run is stopped and drains');
    if (this.#options.shards.draining) return refused('the run was ended early and drains');
    if (elapsedUs >= this.#options.plan.durationUs) return refused('the run has reached its end and drains');
    if (name === 'pause' && this.#paused) return refused('the run is paused already');
    if (name === 'resume' && !this.#paused) return refused('the run is not paused');
    return null;
  }

  #carryOut(command: LiveCommand, atUs: number, originUs: number): Outcome {
    const cohorts = this.#known(originUs);
    switch (command.name) {
      case 'pause':
        this.#paused = true;
        for (const cohort of cohorts) cohort.pause(atUs);
        return done('no new frames; connections stay up, heartbeats go on');
      case 'resume':
        this.#paused = false;
        return done(inEach(cohorts, (cohort) => cohort.resume(atUs)));
      case 'rate':
      case 'connections':
        return setOne(command, cohorts, atUs);
      case 'stop':
        this.#stopped = true;
        this.#options.shards.drain();
        return done('nothing new is sent or dialled; owed replies are awaited');
      default:
        return command satisfies never;
    }
  }

  #known(originUs: number): LiveCohort[] {
    const { plan, shards } = this.#options;
    const tell = (change: LiveChange): void => shards.change(change);
    this.#cohorts ??= plan.cohorts.map(
      (cohort, index) => new LiveCohort({ plan: cohort, index, originUs, tell }),
    );
    return this.#cohorts;
  }
}

/** Sets the rate or the connections of the cohort that the command means. */
function setOne(
  command: Extract<LiveCommand, { cohort: string | null }>,
  cohorts: readonly LiveCohort[],
  atUs: number,
): Outcome {
  const cohort =
    cohorts.length === 1 && command.cohort === null
      ? cohorts[0]
      : cohorts.find(({ name }) => name !== null && name === command.cohort);
  if (cohort === undefined) return refused(whichCohort(command, cohorts));
  if (command.name === 'rate') {
    if (cohort.hasRate) return done(cohort.setRate(atUs, command.ratePerSecond));
    if (cohort.listens) return refused('it has no rate: it only listens (load.send is off)');
    return refused('it has no rate: its frames follow replies (closed model); start a run with --rate');
  }
  const wanted = formatCount(command.connections);
  if (command.connections > cohort.peak) {
    return refused(
      `it has room for ${formatCount(cohort.peak)} connections at most, current value is ${wanted}; start a run with ` +
        'more (--connections, --stage)',
    );
  }
  cohort.setConnections(atUs, command.connections);
  return done(`${wanted} connections`);
}

function whichCohort(
  { name, cohort }: { name: string; cohort: string | null },
  cohorts: readonly LiveCohort[],
): string {
  const names = cohorts.flatMap((known) => (known.name === null ? [] : [known.name]));
  if (names.length === 0) return `it has no cohorts, current value is ${cohort ?? ''}; drop the name`;
  const example = name === 'rate' ? '10k/s' : '500';
  if (cohort !== null) {
    const meant = closestWord(cohort, names);
    const hint = meant === null ? `its cohorts are ${names.join(', ')}` : `did you mean ${meant}?`;
    return `it has no cohort ${cohort}; ${hint}`;
  }
  return `it must be said of which cohort, one of ${names.join(', ')}: write ${name} ${names[0] ?? ''}:${example}`;
}

/** What holds in each cohort, once where there is only one. */
function inEach(cohorts: readonly LiveCohort[], tell: (cohort: LiveCohort) => string): string {
  return cohorts
    .map((cohort) => `${cohort.name === null ? '' : `${cohort.name}: `}${tell(cohort)}`)
    .join('; ');
}

type Outcome = Pick<RunEvent, 'ok' | 'effect'>;

function done(effect: string): Outcome {
  return { ok: true, effect };
}

function refused(effect: string): Outcome {
  return { ok: false, effect };
}

/** How far ahead a change takes effect: some of the loop's longest turns, so that every shard has read it by then. */
const LEAD_US = 50_000;
/** Commands of one run, each of which is kept. */
const EVENTS_MAX = 10_000;
