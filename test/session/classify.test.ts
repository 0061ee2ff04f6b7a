import { describe, expect, test } from 'vitest';

import type { Failure } from '../../src/engine/engine.ts';
import type { DialOutcome, SessionOutcome } from '../../src/measure/outcome.ts';
import { classifyDial, classifySession, type SessionCircumstances } from '../../src/session/classify.ts';

function failure(errno: string, syscall: string = 'read'): Failure {
  return { errno, errnoNumber: 1, syscall };
}

/** A busy connection between frames, without keepalive or user timeout. */
const PLAIN: SessionCircumstances = { midFrame: false, idle: false, keepAlive: false, userTimeout: false };

describe('classifyDial', () => {
  test.each<[errno: string, outcome: DialOutcome, why: string]>([
    ['ECONNREFUSED', 'refused', 'nobody listens'],
    ['ETIMEDOUT', 'timedOut', "the kernel's own SYN retries are used up"],
    ['EHOSTUNREACH', 'unreachable', 'no route to the host'],
    ['ENETUNREACH', 'unreachable', 'no route to the network'],
    ['EHOSTDOWN', 'unreachable', 'the neighbour does not answer'],
    ['ENETDOWN', 'unreachable', 'the interface is down'],
    ['ECONNRESET', 'reset', 'the target resets while the handshake goes on'],
    ['EMFILE', 'localLimit', 'this process is out of descriptors'],
    ['ENFILE', 'localLimit', 'this machine is out of descriptors'],
    ['EADDRNOTAVAIL', 'localLimit', 'no local port is left'],
    ['EADDRINUSE', 'localLimit', 'the local port is taken'],
    ['ENOBUFS', 'localLimit', 'the kernel has no buffers'],
    ['ENOMEM', 'localLimit', 'the kernel has no memory'],
    ['ENOSPC', 'localLimit', 'epoll may watch no more descriptors'],
    ['EACCES', 'unreachable', 'a router or a route forbids it (icmpv6 admin-prohibited)'],
    ['ENOPROTOOPT', 'unreachable', 'the host does not speak TCP (icmp protocol-unreachable)'],
    ['ENONET', 'unreachable', 'the host is isolated (icmp host-isolated)'],
    ['EPERM', 'other', 'a firewall rule of this machine forbids it'],
    ['ENOENT', 'other', 'the unix socket does not exist'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'other', 'no errno at all'],
  ])('takes %s for %s: %s', (errno, outcome) => {
    expect(classifyDial(failure(errno, 'connect'), 4)).toBe(outcome);
  });

  test('takes EACCES for other where a unix socket is not ours to write', () => {
    expect(classifyDial(failure('EACCES', 'connect'), 'unix')).toBe('other');
  });
});

describe('classifySession', () => {
  test.each<[errno: string, between: SessionOutcome, midFrame: SessionOutcome, why: string]>([
    ['ECONNRESET', 'reset', 'reset-mid-frame', 'the peer sent RST'],
    ['ECONNABORTED', 'reset', 'reset-mid-frame', 'the stack gave the connection up'],
    ['EPIPE', 'broken-pipe', 'broken-pipe', 'a write met a closed connection'],
    ['ETIMEDOUT', 'unreachable', 'unreachable', 'retransmissions are used up'],
    ['EHOSTUNREACH', 'unreachable', 'unreachable', 'an ICMP error came'],
    ['ENETUNREACH', 'unreachable', 'unreachable', 'an ICMP error came'],
    ['ECONNREFUSED', 'unreachable', 'unreachable', 'an ICMP error came'],
    ['ENOBUFS', 'local-error', 'local-error', "the generator's own trouble"],
    ['EMFILE', 'local-error', 'local-error', "the generator's own trouble"],
  ])('takes %s for %s between frames and %s within: %s', (errno, between, midFrame) => {
    expect(classifySession(failure(errno), PLAIN)).toBe(between);
    expect(classifySession(failure(errno), { ...PLAIN, midFrame: true })).toBe(midFrame);
  });

  test('takes a TLS alert that comes after the handshake for a failed handshake', () => {
    const alert = failure('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'handshake');
    expect(classifySession(alert, PLAIN)).toBe('tls-failed');
  });

  test.each<[why: string, circumstances: Partial<SessionCircumstances>, outcome: SessionOutcome]>([
    ['without a detector it was the retransmission limit', {}, 'unreachable'],
    ['an idle connection is found out by its probes', { idle: true, keepAlive: true }, 'keepalive-timeout'],
    ['probes are silent while data is unacknowledged', { keepAlive: true }, 'unreachable'],
    ['then only the user timeout finds it', { keepAlive: true, userTimeout: true }, 'user-timeout'],
    ['a user timeout ends unacknowledged data', { userTimeout: true }, 'user-timeout'],
    ['no probes are sent where none are asked for', { idle: true, userTimeout: true }, 'user-timeout'],
    ['and nothing found an idle connection without either', { idle: true }, 'unreachable'],
    ['it is the same inside a frame', { idle: true, keepAlive: true, midFrame: true }, 'keepalive-timeout'],
  ])('tells by whom ETIMEDOUT was detected: %s', (_, circumstances, outcome) => {
    expect(classifySession(failure('ETIMEDOUT'), { ...PLAIN, ...circumstances })).toBe(outcome);
  });
});
