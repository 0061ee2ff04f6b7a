import { describe, expect, it } from 'vitest';
import { parseTargetSpec, type TargetSpec } from '../../src/profile/target-spec.ts';
import { ValueError } from '../../src/profile/value-error.ts';

describe('parseTargetSpec', () => {
  it.each<[string, TargetSpec, string]>([
    ['127.0.0.1:7000', { kind: 'tcp', host: '127.0.0.1', port: 7000 }, 'an IPv4 address'],
    ['db-1.staging:1', { kind: 'tcp', host: 'db-1.staging', port: 1 }, 'a name and the least port'],
    [
      'echo_server:65535',
      { kind: 'tcp', host: 'echo_server', port: 65_535 },
      "a container's name, the last port",
    ],
    ['[::1]:7000', { kind: 'tcp', host: '::1', port: 7000 }, 'an IPv6 address'],
    [
      '[fe80::1%eth0]:7000',
      { kind: 'tcp', host: 'fe80::1%eth0', port: 7000 },
      'an IPv6 address with its zone',
    ],
    ['unix:/run/echo.sock', { kind: 'unix', path: '/run/echo.sock' }, 'a unix socket'],
    ['unix:/run/a:b', { kind: 'unix', path: '/run/a:b' }, 'a path with a colon'],
  ])('reads %s: %s', (text, spec) => {
    expect(parseTargetSpec(text)).toEqual(spec);
  });

  it.each([
    ['127.0.0.1:70000', 'has a port that must be between 1 and 65535, current value is 70000'],
    ['127.0.0.1:0', 'has a port that must be between 1 and 65535, current value is 0'],
    ['localhost', 'has no port'],
    ['localhost:', 'has no port number'],
    ['localhost:http', 'has no port number'],
    ['::1:7000', 'must have its IPv6 address in brackets'],
    ['[::g]:7000', 'holds no IPv6 address in its brackets'],
    ['[127.0.0.1]:7000', 'holds no IPv6 address in its brackets'],
    ['tcp://host:7000', 'is a URL'],
    [':7000', 'holds no host name or IPv4 address'],
    ['300.1.1.1:7000', 'holds no host name or IPv4 address'],
    ['a b:7000', 'holds no host name or IPv4 address'],
    ['unix:', 'must have a path of 1 to 107 bytes, this one has 0'],
    [`unix:/${'a'.repeat(107)}`, 'must have a path of 1 to 107 bytes, this one has 108'],
  ])('refuses %s, which %s, and shows the accepted forms', (text, why) => {
    expect(() => parseTargetSpec(text)).toThrow(ValueError);
    expect(() => parseTargetSpec(text)).toThrow(`"${text}" ${why}; a target reads like host:port, [v6]:port`);
  });
});
