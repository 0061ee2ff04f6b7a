import { describe, expect, test } from 'vitest';

import { OperatingError } from '../../src/base/errors.ts';
import {
  chooseEngine,
  engineAvailability,
  type EngineDecision,
  type EngineNeeds,
} from '../../src/engine/choose-engine.ts';
import type { EngineName } from '../../src/engine/engine.ts';
import { whyNoEpoll } from '../../src/engine/linux/probe.ts';

type Choice = 'auto' | EngineName;

const PLAIN: EngineNeeds = { tls: false, epollOnly: [] };
const TLS: EngineNeeds = { tls: true, epollOnly: [] };
const KEYS: EngineNeeds = { tls: false, epollOnly: ['socket.linger', 'socket.tos'] };
const BOTH: EngineNeeds = { tls: true, epollOnly: ['socket.linger'] };

const here = (): null => null;
const lacking = (): string => 'koffi could not bind libc (no such module)';
const uncalled = (): never => {
  throw new Error('The kernel was asked in vain');
};

describe('chooseEngine', () => {
  test.each<
    [why: string, choice: Choice, needs: EngineNeeds, probe: () => string | null, decision: EngineDecision]
  >([
    ['auto takes epoll where it can run', 'auto', PLAIN, here, { name: 'epoll', reason: 'it can run here' }],
    ['auto takes epoll for its keys', 'auto', KEYS, here, { name: 'epoll', reason: 'it can run here' }],
    ['auto falls back for TLS', 'auto', TLS, uncalled, { name: 'node', reason: 'not epoll: it has no TLS' }],
    [
      'auto falls back where epoll cannot run',
      'auto',
      PLAIN,
      lacking,
      { name: 'node', reason: 'not epoll: koffi could not bind libc (no such module)' },
    ],
    ['epoll is taken where it is asked for', 'epoll', KEYS, here, { name: 'epoll', reason: 'asked for' }],
    ['node is taken where it is asked for', 'node', PLAIN, uncalled, { name: 'node', reason: 'asked for' }],
    ['node is taken for TLS', 'node', TLS, uncalled, { name: 'node', reason: 'asked for' }],
  ])('decides: %s', (_, choice, needs, probe, decision) => {
    expect(chooseEngine(choice, needs, probe)).toEqual(decision);
  });

  test.each<[why: string, choice: Choice, needs: EngineNeeds, probe: () => string | null, message: string]>([
    ['epoll with TLS', 'epoll', TLS, here, "Cannot use the engine 'epoll': it has no TLS"],
    [
      'epoll where it cannot run',
      'epoll',
      PLAIN,
      lacking,
      "Cannot use the engine 'epoll': koffi could not bind libc (no such module)",
    ],
    [
      "node with epoll's keys",
      'node',
      KEYS,
      here,
      "Cannot use the engine 'node': it cannot set socket.linger, socket.tos",
    ],
    [
      "auto with TLS and epoll's keys",
      'auto',
      BOTH,
      here,
      "Cannot use the engine 'epoll': it has no TLS, and the plan needs it for socket.linger",
    ],
    [
      "auto with epoll's keys where epoll cannot run",
      'auto',
      KEYS,
      lacking,
      "Cannot use the engine 'epoll': koffi could not bind libc (no such module), and the plan needs it for " +
        'socket.linger, socket.tos',
    ],
  ])('refuses %s, and never changes the engine in silence', (_, choice, needs, probe, message) => {
    const choose = (): unknown => chooseEngine(choice, needs, probe);
    expect(choose).toThrow(OperatingError);
    expect(choose).toThrow(message);
    expect(choose).toThrow(
      expect.objectContaining({ code: 'ERR_ENGINE_UNSUPPORTED', exitCode: 104 }) as Error,
    );
  });

  test('asks this machine where no probe is given', () => {
    expect(chooseEngine('auto', PLAIN).name).toBe(whyNoEpoll() === null ? 'epoll' : 'node');
  });
});

test('engineAvailability names both engines, node always available', () => {
  const [epoll, node] = engineAvailability();
  const missing = whyNoEpoll();
  expect(epoll).toEqual({
    name: 'epoll',
    available: missing === null,
    reason: missing ?? expect.stringMatching(/^own system calls, (with io_uring$|without io_uring \()/),
  });
  expect(node).toEqual({ name: 'node', available: true, reason: 'runs everywhere' });
});
