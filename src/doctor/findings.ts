import { formatDuration } from '../base/units.ts';
import type { EngineAvailability } from '../engine/choose-engine.ts';
import { memoryFinding, workerFinding } from './capacity-limits.ts';
import { judged, type Finding, type PlanInQuestion, type PlanNeeds } from './finding.ts';
import type { Machine } from './machine.ts';
import { acceptQueueFinding, conntrackFinding, descriptorFinding, portFinding } from './socket-limits.ts';
import { retriesFor, synSchedule } from './syn-schedule.ts';

/**
 * Every limit of the machine that concerns the plan, those that stop a run at its start first.
 * @param plan its needs, and what a run would refuse of it, which are findings like any other
 */
export function findings(
  { needs, refusals }: Pick<PlanInQuestion, 'needs' | 'refusals'>,
  machine: Machine,
  engines: readonly EngineAvailability[],
): Finding[] {
  const { settings, descriptors } = machine;
  const engine = chosenEngine(needs, engines);
  return [
    targetFinding(needs),
    engineFinding(engine, refusals),
    ...refusals.filter(({ limit }) => limit !== 'engine').map(refusalFinding),
    descriptorFinding(needs, descriptors, settings.nrOpen),
    portFinding(needs, settings.localPorts),
    conntrackFinding(needs, settings.conntrack),
    memoryFinding(needs, engine.name, machine),
    workerFinding(needs, machine),
    acceptQueueFinding(needs, settings),
    connectTimeoutFinding(needs, machine),
  ].filter((finding) => finding !== null);
}

/** The engine that the plan would run on: `auto` takes epoll where it can. */
function chosenEngine({ engine }: PlanNeeds, engines: readonly EngineAvailability[]): EngineAvailability {
  const of = (name: EngineAvailability['name']): EngineAvailability =>
    engines.find((candidate) => candidate.name === name) ?? {
      name,
      available: false,
      reason: 'this version of Tidemark does not have it',
    };
  if (engine !== 'auto') return of(engine);
  return of('epoll').available ? of('epoll') : of('node');
}

function engineFinding(
  { name, available, reason }: EngineAvailability,
  refusals: PlanInQuestion['refusals'],
): Finding {
  const refusal = refusals.find(({ limit }) => limit === 'engine');
  if (available && refusal !== undefined) return refusalFinding(refusal);
  return judged(
    { limit: 'engine', needed: null, available: null, unit: 'count' },
    available ? null : `the ${name} engine cannot run here (${reason}): take --engine auto`,
  );
}

function refusalFinding({ limit, message }: PlanInQuestion['refusals'][number]): Finding {
  return judged({ limit, needed: null, available: null, unit: 'count' }, message);
}

/** A target that the run would refuse stops it before any other limit is met. */
function targetFinding({ place }: PlanNeeds): Finding | null {
  if (place.refusal === null) return null;
  return judged({ limit: 'target', needed: null, available: null, unit: 'count' }, place.refusal);
}

/** Whether the kernel gives a dial up before the plan does, or the plan before the kernel could repeat its SYN. */
function connectTimeoutFinding(needs: PlanNeeds, { settings }: Machine): Finding | null {
  const { tcpSynRetries: retries, tcpSynLinearTimeouts: linear } = settings;
  if (needs.place.tcpAddresses === 0 || retries === null) return null;
  const needed = needs.connectTimeoutUs / 1e6;
  const { timeoutSeconds, sentAtSeconds } = synSchedule(retries, linear ?? 0);
  const quantities = {
    limit: 'connect timeout',
    needed,
    available: timeoutSeconds,
    unit: 'seconds',
  } as const;
  if (needed > timeoutSeconds) {
    const more = retriesFor(needed, linear ?? 0);
    const type = more === null ? '' : `type \`sysctl net.ipv4.tcp_syn_retries=${more}\` as root, or `;
    const shorter = formatDuration(timeoutSeconds * 1e6);
    return judged(
      quantities,
      `the kernel gives a dial up before that: ${type}take --connect-timeout ${shorter}`,
    );
  }
  const firstRepeat = sentAtSeconds[1] ?? timeoutSeconds;
  if (needed > firstRepeat) return judged(quantities, null);
  return judged(
    quantities,
    null,
    `one lost SYN fails its dial, since it is repeated after ${firstRepeat} s only: take --connect-timeout 3s`,
  );
}
