import { effectiveValues } from './effective-values.ts';
import { unless, type ProfileRule } from './profile-rule.ts';
import type { Profile } from './profile.ts';
import type { ProfilePath } from './profile-values.ts';

/** Keys that only the epoll engine can carry out: node:net has no call for them. */
export const EPOLL_ONLY_PATHS: readonly ProfilePath[] = [
  'connections.sourceIps',
  'socket.rcvbuf',
  'socket.sndbuf',
  'socket.quickAck',
  'socket.linger',
  'socket.keepalive',
  'socket.userTimeout',
  'socket.congestion',
  'socket.tos',
  'socket.notSentLowat',
];

/** Those of `EPOLL_ONLY_PATHS` that a profile sets: where there are any, another engine is no choice. */
export function epollOnlyPathsOf(profile: Profile): ProfilePath[] {
  const values = effectiveValues(profile);
  return EPOLL_ONLY_PATHS.filter((path) => {
    const value = values[path];
    return Array.isArray(value) ? value.length > 0 : value !== null;
  });
}

/** Something that excludes the epoll engine. */
interface Exclusion {
  reads: ProfilePath;
  applies: (profile: Profile) => boolean;
  /** What is wrong, and all but one of the ways to resolve it; dropping the key is the other. */
  complaint: string;
}

const EXCLUSIONS: readonly Exclusion[] = [
  {
    reads: 'engine',
    applies: ({ engine }) => engine === 'node',
    complaint: 'needs the epoll engine, and engine (--engine) is node; set that to auto or epoll',
  },
  {
    reads: 'tls.enabled',
    applies: ({ tls }) => tls.enabled,
    complaint: 'needs the epoll engine, which has no TLS; turn tls.enabled (--tls) off',
  },
  {
    reads: 'target',
    applies: ({ target }) => target?.startsWith('unix:') === true,
    complaint: 'is an option of TCP, and target (--target) is a unix socket; take a TCP target',
  },
];

/** Each key that only the epoll engine can carry out, against all that excludes this engine. */
export const EPOLL_RULES: readonly ProfileRule[] = EPOLL_ONLY_PATHS.flatMap((at) =>
  EXCLUSIONS.map(({ reads, applies, complaint }) => ({
    at,
    reads: [reads],
    complaints: (profile: Profile) =>
      unless(!applies(profile) || !epollOnlyPathsOf(profile).includes(at), `${complaint}, or drop ${at}`),
  })),
);
