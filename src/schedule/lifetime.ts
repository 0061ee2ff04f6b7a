import type { Random } from '../base/random.ts';

/** How old a connection becomes: so many frames, or a time since it could send, the same for all or drawn for each. */
export type Lifetime =
  | { kind: 'frames'; count: number }
  | { kind: 'time'; us: number }
  | { kind: 'uniform'; fromUs: number; toUs: number }
  | { kind: 'exponential'; meanUs: number };

/**
 * The age in microseconds at which a connection is closed by plan; null where no time decides. Exponential lifetimes
 * are those of connections that end independently of their age, as users come and go.
 * @param random a stream of this connection's own; lifetimes that are not drawn leave it alone
 */
export function lifetimeUs(lifetime: Lifetime, random: () => Random): number | null {
  switch (lifetime.kind) {
    case 'frames':
      return null;
    case 'time':
      return lifetime.us;
    case 'uniform':
      return lifetime.fromUs + random().fraction() * (lifetime.toUs - lifetime.fromUs);
    case 'exponential':
      return random().exponential() * lifetime.meanUs;
    default:
      return lifetime satisfies never;
  }
}
