import { describe, expect, it } from 'vitest';
import { EPOLL_ONLY_PATHS, epollOnlyPathsOf } from '../../src/profile/epoll-rules.ts';
import { PROFILE_KEYS, PROFILE_PATHS } from '../../src/profile/profile-keys.ts';
import { faultsOf, load } from '../support/profile-sources.ts';

const setting = (path: (typeof EPOLL_ONLY_PATHS)[number]): string => `${path}=${PROFILE_KEYS[path].example}`;

describe('EPOLL_ONLY_PATHS', () => {
  it('has every option of a socket but noDelay, and the source addresses', () => {
    const options = PROFILE_PATHS.filter((path) => path.startsWith('socket.') && path !== 'socket.noDelay');
    expect(EPOLL_ONLY_PATHS).toEqual(['connections.sourceIps', ...options]);
  });
});

describe('epollOnlyPathsOf', () => {
  it('names what a profile sets', () => {
    expect(epollOnlyPathsOf(load({}))).toEqual([]);
    expect(epollOnlyPathsOf(load({ flags: { nodelay: 'off', sourceIp: '' } }))).toEqual([]);
    expect(epollOnlyPathsOf(load({ sets: EPOLL_ONLY_PATHS.map(setting) }))).toEqual(EPOLL_ONLY_PATHS);
  });

  it('counts a zero and an off as set, since the kernel is told of them', () => {
    const flags = { linger: '0', tos: '0', quickack: 'off' };
    expect(epollOnlyPathsOf(load({ flags }))).toEqual(['socket.quickAck', 'socket.linger', 'socket.tos']);
  });
});

describe('EPOLL_RULES', () => {
  it.each(EPOLL_ONLY_PATHS)('refuse %s beside what excludes the epoll engine', (path) => {
    const sets = [setting(path)];
    expect(faultsOf({ sets })).toEqual([]);
    expect(faultsOf({ sets, flags: { engine: 'epoll', target: '127.0.0.1:7000' } })).toEqual([]);
    expect(faultsOf({ sets, flags: { engine: 'node' } })).toEqual([
      `--set ${path}: needs the epoll engine, and engine (--engine) is node; set that to auto or epoll, or drop ${path}`,
    ]);
    expect(faultsOf({ sets, flags: { tls: true } })).toEqual([
      `--set ${path}: needs the epoll engine, which has no TLS; turn tls.enabled (--tls) off, or drop ${path}`,
    ]);
    expect(faultsOf({ sets, flags: { target: 'unix:/run/a.sock' } })).toEqual([
      `--set ${path}: is an option of TCP, and target (--target) is a unix socket; take a TCP target, or drop ${path}`,
    ]);
  });

  it('leave noDelay to every engine', () => {
    expect(faultsOf({ flags: { nodelay: 'off', engine: 'node', tls: true } })).toEqual([]);
  });

  it('are silent about a value that is faulty itself', () => {
    expect(faultsOf({ flags: { rcvbuf: '64', engine: 'node' } })).toHaveLength(1);
  });
});
