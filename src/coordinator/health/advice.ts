import { formatDuration } from '../../base/units.ts';
import type { HealthBound } from '../../profile/health-profile.ts';
import type { HealthFigures } from './health-figures.ts';

/** What advice depends on. */
export interface AdviceContext {
  figures: HealthFigures;
  workers: number;
  cpus: number;
  /**
   * Until when after the run's start the generator came late, where all of that lies in its first seconds, in which its
   * code is not compiled yet and the connections are dialled; null where it came late later on, or not at all.
   */
  coldUntilUs: number | null;
}

/** What a signal saw and what to do about it, in one sentence. */
export function adviceOn(name: HealthBound, value: number, context: AdviceContext): string {
  const { figures } = context;
  switch (name) {
    case 'lateSends':
      return (
        `${percent(value)} of the frames were sent more than ${time(figures.lateLimitUs)} late, which is in their ` +
        `response times: ${whatHelps(context)}`
      );
    case 'sendLag':
      return (
        `the generator's own lateness is ${percent(value)} of the response p99 (send lag p99 ` +
        `${time(figures.sendLagP99Us ?? 0)}): ${whatHelps(context)}`
      );
    case 'unsent':
      return `the generator did not send ${percent(value)} of the planned frames: lower the rate, ${moreMeans(context)}`;
    case 'shortfall':
      return `${percent(value)} of the planned frames were not sent, so the load was less than the plan's rate`;
    case 'stall':
      return `a worker's loop stood still for ${time(value)}: ${whatHeld(value, context)}`;
    case 'sleep':
      return (
        `the machine slept for ${time(value)}, and connections may have died of it: what came until a read timeout after ` +
        'it is not held against the target; keep the machine awake (systemd-inhibit)'
      );
    case 'loopBusy':
      return (
        `the busiest worker's loop was busy ${percent(value)} of the time: throughput and times may show the ` +
        `generator's own limit and not the target's; lower the load, ${moreMeans(context)}`
      );
    case 'loopDelay':
      return (
        `a worker's loop was never idle${roundText(value, context)}: these are the generator's throughput and times, ` +
        `not the target's; lower the load, ${moreMeans(context)}`
      );
    case 'cpuWait':
      return (
        `a worker that wanted a processor had to wait for it ${percent(value)} of that time: ` +
        whoElse(context)
      );
    case 'gcPause':
      return `garbage collection held a worker up for ${time(value)}: hold fewer connections a worker, ${moreMeans(context)}`;
    case 'steal':
      return `the hypervisor gave ${percent(value)} of this machine's processor time to others: take another machine`;
    case 'pressure':
      return `some thread of this machine waited for a processor ${percent(value)} of the time: take a machine with more`;
    case 'ceiling':
      return `the run used ${percent(value)} of what this machine's generator can do (tidemark doctor --calibrate): leave it room, lower the load, ${moreMeans(context)}`;
    default:
      throw name satisfies never;
  }
}

/** A loop that had time to spare was held up from outside, and a lower rate would not help it. */
function whatHelps(context: AdviceContext): string {
  const { coldUntilUs } = context;
  if (coldUntilUs !== null) return leaveOut(coldUntilUs);
  const busy = busiest(context);
  if (busy >= BUSY_SHARE) return `lower the rate, ${moreMeans(context)}`;
  return (
    `its loop was busy only ${percent(busy)} of the time, so it was held up from outside: stop what else runs here, or ` +
    'take another machine'
  );
}

/**
 * A loop that is busy all the time comes late without anybody stopping it, and so does one that waits for its processor:
 * it waited for about as long as it stood still. The waits of one that was stopped are short against that.
 */
function whatHeld(stallUs: number, context: AdviceContext): string {
  const { coldUntilUs } = context;
  if (coldUntilUs !== null) return leaveOut(coldUntilUs);
  if (busiest(context) >= BUSY_SHARE)
    return `it had that much to do at once; lower the load, ${moreMeans(context)}`;
  const waitedUs = Math.max(0, ...context.figures.shards.map(({ cpuWaitUs }) => cpuWaitUs ?? 0));
  if (waitedUs >= stallUs * WAIT_SHARE)
    return `others had its processor, or its process was stopped; ${whoElse(context)}`;
  return 'its process was stopped or its machine suspended; run it again, on a machine of its own';
}

function leaveOut(coldUntilUs: number): string {
  const seconds = Math.ceil(coldUntilUs / 1e6);
  return (
    `only in the first ${seconds}s, in which its own code is not compiled yet and connections are dialled: leave them out ` +
    `(--warmup ${seconds}s)`
  );
}

function busiest({ figures: { shards, spanUs } }: AdviceContext): number {
  return Math.max(0, ...shards.map(({ busyUs }) => busyUs / spanUs));
}

/** Workers take processors from each other, too, and from a target beside them. */
function whoElse({ workers, cpus }: AdviceContext): string {
  if (workers < cpus || workers === 1) return 'stop what else runs on this machine, or take another one';
  return `${workers} workers leave none of ${cpus} for anything else: take fewer (-w), or a machine with more`;
}

function roundText(value: number, { figures }: AdviceContext): string {
  return figures.responseP50Us === null
    ? ''
    : ` and one round of it takes ${percent(value)} of the response p50`;
}

/** More workers help only where processors are left for them. */
function moreMeans({ workers, cpus }: AdviceContext): string {
  return workers < cpus
    ? 'add workers (-w), or take another machine'
    : 'or take a machine with more processors';
}

/** `12%`, `0.4%`. */
function percent(share: number): string {
  const percents = share * 100;
  return `${percents >= 10 ? Math.round(percents) : Number(percents.toPrecision(2))}%`;
}

/** To three digits. */
function time(us: number): string {
  return formatDuration(us < 1 ? us : Math.round(Number(us.toPrecision(3))));
}

/** From here on a loop itself is why it comes late. */
const BUSY_SHARE = 0.5;
/** A worker that waited for so much of the time for which its loop stood still did so for that. */
const WAIT_SHARE = 0.5;
