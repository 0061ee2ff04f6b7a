import { counted } from '../base/counted.ts';
import { COUNTER } from '../measure/counters.ts';
import { cohortPlans } from '../profile/cohorts.ts';
import { peakConnections } from '../profile/load-model.ts';
import type { Profile } from '../profile/profile.ts';
import { pushNotes } from './push-notes.ts';
import type { RunTotals } from './run-totals.ts';

/** What a reader must know to read the numbers of a run right, in sentences. */
export function runNotes(profile: Profile, totals: RunTotals): string[] {
  const { tls } = profile;
  const plans = cohortPlans(profile);
  const list: string[] = [...new Set(plans.flatMap(({ plan }) => stormNotes(plan)))];
  if (tls.enabled && tls.insecure) {
    list.push(
      '--tls-insecure: any certificate was accepted, so nothing proves that this was the target and not an impostor',
    );
  }
  list.push(...localLimitNotes(totals), ...pushNotes(profile, totals.counters));
  if (totals.steering.fault !== null) {
    list.push(`tidemark ctl could not reach this run: its control socket failed (${totals.steering.fault})`);
  }
  if (totals.neverDialled > 0) {
    const limited = totals.errors.some(({ outcome }) => outcome === 'localLimit');
    const why = limited ? "this machine's limit came before their turn" : 'the run ended before their turn';
    list.push(`${totals.neverDialled} planned connections were never dialled: ${why}`);
  }
  const ghosts = totals.counters[COUNTER.ghosts] ?? 0;
  if (ghosts > 0) {
    list.push(
      `${ghosts} ghosts: connections that our kernel held for established, of which the target's kernel acknowledged ` +
        'nothing; its accept queue overflowed, or it is gone',
    );
  }
  if (
    plans.some(
      ({ plan }, index) => plan.match.verify === 'echo' && totals.cohorts[index]?.allCorrupt === true,
    )
  ) {
    list.push('every reply differs from its request: if the target is no echo server, use --verify off');
  }
  return list;
}

/** Whose the dial times of a storm are. */
function stormNotes(profile: Profile): string[] {
  const { concurrentDials, ratePerSecond, rampUs } = profile.connections;
  if (
    concurrentDials !== 'all' ||
    peakConnections(profile) === 1 ||
    ratePerSecond !== null ||
    rampUs !== null
  )
    return [];
  return [
    'every connection was dialled at once (--connect-concurrency all): times of dials and first replies hold the time ' +
      'that this machine took to start all the dials; more workers (-w) make it shorter',
  ];
}

/** What to raise where this machine's own limits ended the ramp. */
function localLimitNotes({ errors, counters }: RunTotals): string[] {
  const connected = counters[COUNTER['dial:connected']] ?? 0;
  return errors
    .filter(({ outcome }) => outcome === 'localLimit')
    .map(
      ({ errno, syscall, count }) =>
        `${counted(count, 'dial')} failed for want of this machine's own means (${errno} from ` +
        `${syscall}), so no connections were added: ${limitAdvice(errno, connected)}`,
    );
}

/** Ports were not what was missing where not even the first dial found one. */
function limitAdvice(errno: string, connected: number): string {
  if (errno === 'EADDRNOTAVAIL' && connected === 0)
    return "this machine has no address from which the target's can be dialled (is IPv6 switched off?)";
  return LIMIT_ADVICE[errno] ?? 'free memory, or take another machine';
}

const PORT_ADVICE =
  "dial from more addresses (--source-ip) that are this machine's own, or widen net.ipv4.ip_local_port_range";
const LIMIT_ADVICE: Readonly<Record<string, string>> = {
  EMFILE: 'raise the descriptors of a process (`ulimit -Hn`, LimitNOFILE)',
  ENFILE: 'raise the descriptors of the machine (sysctl fs.file-max)',
  ENOSPC: 'raise the sockets that epoll may watch (sysctl fs.epoll.max_user_watches)',
  EADDRNOTAVAIL: PORT_ADVICE,
  EADDRINUSE: PORT_ADVICE,
};
