import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

import { kernelSettings } from '../../src/host/kernel-settings.ts';
import { sampleSettings } from '../support/sample-machine.ts';

const FILES: Record<string, string> = {
  'fs/nr_open': '1048576\n',
  'net/ipv4/ip_local_port_range': '32768\t60999\n',
  'net/ipv4/tcp_tw_reuse': '2\n',
  'net/core/somaxconn': '4096\n',
  'net/ipv4/tcp_max_syn_backlog': '2048\n',
  'net/ipv4/tcp_syn_retries': '6\n',
  'net/ipv4/tcp_syn_linear_timeouts': '4\n',
  'net/ipv4/tcp_rmem': '4096\t131072\t33554432\n',
  'net/ipv4/tcp_wmem': '4096\t16384\t4194304\n',
  'net/netfilter/nf_conntrack_max': '262144\n',
  'net/netfilter/nf_conntrack_count': '17\n',
};

function settingsOf(files: Record<string, string>): ReturnType<typeof kernelSettings> {
  return kernelSettings((path) => files[path.replace('/proc/sys/', '')] ?? '');
}

test('kernelSettings reads every setting where it stands', () => {
  expect(settingsOf(FILES)).toEqual(sampleSettings({ conntrack: { max: 262_144, count: 17 } }));
});

test('kernelSettings knows nothing of a system without /proc', () => {
  const values = Object.values(settingsOf({}));
  expect(values).toHaveLength(10);
  expect(values.every((value) => value === null)).toBe(true);
});

test.each([
  ['one port', 'localPorts', { 'net/ipv4/ip_local_port_range': '32768\n' }],
  ['words', 'nrOpen', { 'fs/nr_open': 'many\n' }],
  ['two sizes of three', 'tcpReadBuffer', { 'net/ipv4/tcp_rmem': '4096 131072\n' }],
  ['a table of unknown size', 'conntrack', { 'net/netfilter/nf_conntrack_count': '3\n' }],
] as const)('kernelSettings takes %s for unknown', (_, key, files) => {
  expect(settingsOf(files)[key]).toBeNull();
});

test('kernelSettings reads this machine as sysctl files tell it', () => {
  const somaxconn = execFileSync('cat', ['/proc/sys/net/core/somaxconn']).toString();
  expect(kernelSettings().somaxconn).toBe(Number(somaxconn));
});
