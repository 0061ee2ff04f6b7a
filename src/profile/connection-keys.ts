import { backoffKind } from './backoff-kind.ts';
import { choiceKind, countKind, durationKind, listKind, nullable, rateKind } from './key-kinds.ts';
import { countOrAllKind } from './count-or-all-kind.ts';
import { lifetimeKind } from './lifetime-kind.ts';
import { key, quantity, unset, type ProfileKey } from './profile-key.ts';
import { CONNECTIONS_MAX } from './profile-limits.ts';
import type { GroupValues } from './profile-values.ts';
import { expandSourceIps } from './source-ips.ts';

type ConnectionValues = GroupValues<'connections'>;

/** The keys that say how many connections there are, and how each comes and goes. */
export const CONNECTION_KEYS: { readonly [P in keyof ConnectionValues]: ProfileKey<ConnectionValues[P]> } = {
  'connections.count': key(
    countKind({ min: 0, max: CONNECTIONS_MAX }),
    'Connections opened, over all workers; beside stages that lead to connections, those at the start, 0 unless given',
    quantity('1', '10k'),
  ),
  'connections.rate': key(nullable(rateKind()), 'Dials started a second, over all workers', unset('500/s')),
  'connections.ramp': key(
    nullable(durationKind('above zero')),
    'Spread the dials evenly over this time, instead of a rate',
    unset('30s'),
  ),
  'connections.concurrentDials': key(
    countOrAllKind(CONNECTIONS_MAX),
    'Dials in progress at one time, over all workers, where no rate paces them; all: every connection at once',
    quantity('100', 'all'),
  ),
  'connections.sourceIps': key(
    listKind(
      (item) => void expandSourceIps([item]),
      (items) => void expandSourceIps(items),
    ),
    'Local addresses that dials take in turn: IPv4 and IPv6 addresses, IPv4 ranges such as 127.0.0.2-127.0.0.9, IPv4 networks such as 127.0.0.0/29',
    unset('127.0.0.2-127.0.0.9'),
  ),
  'connections.lifetime': key(
    nullable(lifetimeKind()),
    'Close each connection after this time, fixed or drawn for each (uniform:10s..30s, exp:20s), or after so many frames',
    unset('exp:20s'),
  ),
  'connections.reconnect': key(
    choiceKind(['none', 'immediate', 'backoff']),
    'Whether a connection that ended is dialled again: at once, or after a pause that doubles with each failure in a row',
    quantity('none', 'backoff'),
  ),
  'connections.backoff': key(
    nullable(backoffKind()),
    'First and longest bound of the pause before a dial is repeated; each pause is drawn from zero to its bound. ' +
      '100ms..10s unless given',
    unset('50ms..5s'),
  ),
  'connections.close': key(
    choiceKind(['fin', 'reset', 'half']),
    "How the plan closes a connection: fin, in order and waiting for the peer's; reset, by RST; half, by FIN right " +
      'after the last frame, while replies are still awaited',
    quantity('fin', 'reset'),
  ),
};
