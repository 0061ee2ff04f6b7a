import { formatCount, formatRate } from '../../base/units.ts';
import { firstRatePerSecond, isOpenModel, peakConnections, rateStages } from '../../profile/load-model.ts';
import type { Profile } from '../../profile/profile.ts';
import { RateCurve } from '../../schedule/rate-curve.ts';
import type { LiveChange } from '../../shard/control.ts';
import type { RunEvent } from '../../store/run-event.ts';
import { formatCommand, type LiveCommand } from './command.ts';

/** The running shards, as live control sees them. */
export interface SteeredShards {
  /** When the run began, in monotonic microseconds; null before that. */
  readonly originUs: number | null;
  change(change: LiveChange): void;
  drain(): void;
}

export interface LiveControlOptions {
  profile: Profile;
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
  readonly #open: boolean;
  readonly #peak: number;
  #curve: RateCurve | null = null;
  #paused: boolean = false;
  /** What a resumed run goes on with. */
  #resumedRate: number = 0;
  #stopped: boolean = false;
  #events: number = 0;

  constructor(options: LiveControlOptions) {
    this.#options = options;
    this.#open = isOpenModel(options.profile);
    this.#peak = peakConnections(options.profile);
  }

  /** Whether a command has ended the run. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Does what the command says, or says why not; the event tells from when on. */
  execute(command: LiveCommand): RunEvent {
    const nowUs = this.#options.nowUs();
    const { originUs } = this.#options.shards;
    const atUs = nowUs + LEAD_US;
    const elapsedUs = originUs === null ? 0 : Math.max(0, atUs - originUs);
    const outcome = this.#refusal(command, elapsedUs) ?? this.#carryOut(command, atUs);
    const event: RunEvent = {
      atSeconds: Math.round(elapsedUs) / 1e6,
      command: formatCommand(command),
      ...outcome,
    };
    this.#events++;
    this.#options.record(event);
    return event;
  }

  /** Why a command cannot be carried out; null where it can. */
  #refusal(command: LiveCommand, elapsedUs: number): Outcome | null {
    if (this.#events >= EVENTS_MAX)
      return refused(`the run has taken ${EVENTS_MAX} commands, which is the most`);
    if (this.#options.shards.originUs === null)
      return refused('the run has not begun yet; try again in a moment');
    if (this.#stopped) return refused('the run is stopped and drains');
    if (elapsedUs >= this.#options.profile.durationUs)
      return refused('the run has reached its end and drains');
    if (command.name === 'pause' && this.#paused) return refused('the run is paused already');
    if (command.name === 'resume' && !this.#paused) return refused('the run is not paused');
    if (command.name === 'rate' && !this.#open) {
      return refused('the run has no rate: its frames follow replies (closed model); start one with --rate');
    }
    if (command.name === 'connections' && command.connections > this.#peak) {
      return refused(
        `the run has room for ${formatCount(this.#peak)} connections at most, current value is ` +
          `${formatCount(command.connections)}; start one with more (--connections, --stage)`,
      );
    }
    return null;
  }

  #carryOut(command: LiveCommand, atUs: number): Outcome {
    switch (command.name) {
      case 'pause':
        return this.#pause(atUs);
      case 'resume':
        return this.#resume(atUs);
      case 'rate':
        return this.#setRate(atUs, command.ratePerSecond);
      case 'connections':
        this.#options.shards.change({ kind: 'connections', atUs, value: command.connections });
        return done(`${formatCount(command.connections)} connections`);
      case 'stop':
        this.#stopped = true;
        this.#options.shards.drain();
        return done('nothing new is sent or dialled; owed replies are awaited');
      default:
        return command satisfies never;
    }
  }

  #pause(atUs: number): Outcome {
    this.#paused = true;
    if (this.#open) {
      this.#resumedRate = this.#rateCurve().ratePerSecondAt(atUs);
      this.#changeRate(atUs, 0);
    } else {
      this.#options.shards.change({ kind: 'hold', atUs, value: 1 });
    }
    return done('no new frames; connections stay up, heartbeats go on');
  }

  #resume(atUs: number): Outcome {
    this.#paused = false;
    if (!this.#open) {
      this.#options.shards.change({ kind: 'hold', atUs, value: 0 });
      return done('frames follow replies again');
    }
    this.#changeRate(atUs, this.#resumedRate);
    return done(`${formatRate(this.#resumedRate)} over all connections`);
  }

  #setRate(atUs: number, ratePerSecond: number): Outcome {
    if (this.#paused) {
      this.#resumedRate = ratePerSecond;
      return done(`${formatRate(ratePerSecond)} over all connections once the run is resumed`);
    }
    this.#changeRate(atUs, ratePerSecond);
    return done(`${formatRate(ratePerSecond)} over all connections`);
  }

  #changeRate(atUs: number, ratePerSecond: number): void {
    this.#rateCurve().changeAt(atUs, ratePerSecond);
    this.#options.shards.change({ kind: 'rate', atUs, value: ratePerSecond });
  }

  /** The shards' own curve, as they have made it from the same numbers. */
  #rateCurve(): RateCurve {
    const { profile, shards } = this.#options;
    this.#curve ??= new RateCurve({
      originUs: shards.originUs ?? 0,
      ratePerSecond: firstRatePerSecond(profile),
      stages: rateStages(profile),
    });
    return this.#curve;
  }
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
