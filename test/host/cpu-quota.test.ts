import { expect, test } from 'vitest';

import { cpuQuota } from '../../src/host/cpu-quota.ts';

test.each<[string, Record<string, string>, number | null]>([
  ['nothing without control groups', {}, null],
  [
    'a quota of version 2',
    { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' },
    1.5,
  ],
  [
    'no quota of version 2',
    { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/cpu.max': 'max 100000\n' },
    null,
  ],
  [
    'the least of the group and those around it',
    {
      '/proc/self/cgroup': '0::/pod/container\n',
      '/sys/fs/cgroup/pod/cpu.max': '200000 100000\n',
      '/sys/fs/cgroup/pod/container/cpu.max': '400000 100000\n',
    },
    2,
  ],
  [
    'a quota of version 1, with a controller that shares its hierarchy',
    {
      '/proc/self/cgroup': '4:memory:/m\n2:cpu,cpuacct:/box\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000\n',
    },
    0.5,
  ],
  [
    'no quota of version 1',
    {
      '/proc/self/cgroup': '1:cpu:/\n0::/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
    null,
  ],
  [
    'nothing of a group that schedules no processors',
    {
      '/proc/self/cgroup': '3:cpuset:/box\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000\n',
    },
    null,
  ],
])('cpuQuota finds %s', (_, files, quota) => {
  expect(cpuQuota((path) => files[path] ?? '')).toBe(quota);
});
