import { describe, expect, test } from 'vitest';

import { OperatingError } from '../../src/base/errors.ts';
import { parseTargetFlags, type TargetFlags } from '../../src/cli/target-flags.ts';
import { tlsFile } from '../support/tls-fixtures.ts';

const defaults: TargetFlags = {
  host: '127.0.0.1',
  port: '7007',
  frame: 'u32be',
  frameMax: '1MiB',
  backlog: '4096',
  mode: 'echo',
};

function messageOf(flags: Partial<TargetFlags>): string {
  try {
    parseTargetFlags({ ...defaults, ...flags });
  } catch (error) {
    expect(error).toBeInstanceOf(OperatingError);
    expect(error).toMatchObject({ code: 'ERR_USAGE', exitCode: 104 });
    return (error as OperatingError).message;
  }
  throw new Error('The flags were accepted');
}

test('parseTargetFlags turns the defaults into an echo of u32be frames on loopback', () => {
  expect(parseTargetFlags(defaults)).toMatchObject({
    listen: { host: '127.0.0.1', port: 7007 },
    backlog: 4096,
    format: { kind: 'length', width: 'u32', littleEndian: false },
    maxPayloadBytes: 1_048_576,
    mode: 'echo',
    sendPreface: null,
    expectPreface: null,
    tls: null,
  });
});

test('parseTargetFlags reads prefaces with escapes and TLS files', () => {
  const flags = {
    unix: '/tmp/echo.sock',
    preface: 'HI\\n',
    expectPreface: 'hex:00ff',
    tlsCert: tlsFile('server.pem'),
    tlsKey: tlsFile('server-key.pem'),
    tlsClientCa: tlsFile('ca.pem'),
    tlsAlpn: 'tide/2, tide/1',
  };
  const options = parseTargetFlags({ ...defaults, ...flags });
  expect(options.listen).toEqual({ path: '/tmp/echo.sock' });
  expect(Buffer.from(options.sendPreface ?? [])).toEqual(Buffer.from('HI\n'));
  expect(Buffer.from(options.expectPreface ?? [])).toEqual(Buffer.from([0, 255]));
  expect(options.tls?.alpn).toEqual(['tide/2', 'tide/1']);
  expect(options.tls?.clientCa).toContain('BEGIN CERTIFICATE');
});

test('parseTargetFlags reads faults in their order, and the seed', () => {
  const options = parseTargetFlags({ ...defaults, fault: ['reorder', 'corrupt:1%@5%'], seed: '7' });
  expect(options.faults?.map(({ text }) => text)).toEqual(['reorder', 'corrupt:1%@5%']);
  expect(options.seed).toBe(7);
});

describe('parseTargetFlags refuses', () => {
  test.each<[string, Partial<TargetFlags>, string]>([
    [
      'a port beyond 16 bits',
      { port: '70000' },
      '--port: must be a whole number from 0 to 65535: current value is "70000"',
    ],
    ['a port that is no number', { port: '' }, '--port: must be'],
    ['a backlog of nothing', { backlog: '0' }, '--backlog: must be a whole number from 1 to 65535'],
    ['an unknown frame form', { frame: 'u24be' }, '--frame: '],
    ['a size without a unit', { frameMax: '64' }, '--frame-max: "64" has no unit'],
    [
      'frames beyond the limit',
      { frameMax: '1GiB' },
      '--frame-max: must be at most 256MiB: current value is 1GiB',
    ],
    ['an unknown fault', { fault: ['explode'] }, '--fault: Cannot read fault "explode"'],
    [
      'shares beyond the whole',
      { fault: ['reorder@60%', 'corrupt@60%'] },
      '--fault: shares must add up to 100%',
    ],
    ['a seed that is no number', { seed: 'x' }, '--seed: must be a whole number'],
    ['an unknown mode', { mode: 'mirror' }, '--mode: must be echo or sink: current value is "mirror"'],
    ['an empty preface', { preface: '' }, '--preface: must hold at least one byte'],
    ['an unknown escape', { expectPreface: '\\q' }, '--expect-preface: '],
    ['a certificate without its key', { tlsCert: 'server.pem' }, 'TLS needs a certificate and its key'],
    [
      'a client authority without a certificate',
      { tlsClientCa: 'ca.pem' },
      'TLS needs a certificate and its key',
    ],
    [
      'a missing file',
      { tlsCert: '/nonexistent.pem', tlsKey: tlsFile('server-key.pem') },
      '--tls-cert: cannot read /nonexistent.pem: ENOENT',
    ],
    [
      'an empty protocol name',
      { tlsCert: tlsFile('server.pem'), tlsKey: tlsFile('server-key.pem'), tlsAlpn: 'a,,b' },
      '--tls-alpn: must be names',
    ],
  ])('%s', (_, flags, message) => {
    expect(messageOf(flags)).toContain(message);
  });

  test('all faults at once', () => {
    const fault = ['delay', 'reorder', 'explode'];
    const faults = messageOf({ port: 'x', mode: 'y', frameMax: '3', fault }).split('\n');
    const flags = ['--port', '--frame-max', '--mode', '--fault', '--fault'];
    expect(faults.map((line) => line.split(':')[0])).toEqual(flags);
  });
});
