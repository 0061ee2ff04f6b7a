import { posix } from 'node:path';
import { readText, type ReadText } from './read-text.ts';

/*
 * A container may see every processor of its machine and yet be stopped when it has used up its share of time. That
 * share is the quota of its control group or of a group around it, whichever is least.
 * Sources: cgroups(7); kernel documentation, cgroup-v2 (cpu.max) and sched-bwc (cpu.cfs_quota_us).
 */

/**
 * How many processors' time this process may use; null where there is no quota.
 * @default read the machine's own files
 * @example cpuQuota() // 1.5
 */
export function cpuQuota(read: ReadText = readText): number | null {
  const quotas = groupDirectories(read('/proc/self/cgroup')).map(
    (directory) => unifiedQuota(read(posix.join(directory, 'cpu.max'))) ?? legacyQuota(directory, read),
  );
  const least = Math.min(...quotas.map((quota) => quota ?? Infinity));
  return Number.isFinite(least) ? least : null;
}

/** Directories of the group that schedules this process and of those around it, in version 1 and version 2. */
function groupDirectories(cgroups: string): string[] {
  return cgroups.split('\n').flatMap((line) => {
    const [, controllers = '', path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === '') return ancestors(path).map((group) => posix.join(CGROUP_ROOT, group));
    if (!controllers.split(',').includes('cpu')) return [];
    return ancestors(path).map((group) => posix.join(CGROUP_ROOT, 'cpu', group));
  });
}

/** `/a/b` as `/a/b`, `/a`, `/`. */
function ancestors(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === path ? [path] : [path, ...ancestors(parent)];
}

/** cpu.max: quota and period in microseconds, `max` for no quota. */
function unifiedQuota(text: string): number | null {
  const [, quotaUs, periodUs] = /^(\d+) (\d+)/.exec(text) ?? [];
  return quotaUs === undefined ? null : Number(quotaUs) / Number(periodUs);
}

/** cpu.cfs_quota_us is -1 for no quota. */
function legacyQuota(directory: string, read: ReadText): number | null {
  const quotaUs = Number.parseInt(read(posix.join(directory, 'cpu.cfs_quota_us')), 10);
  const periodUs = Number.parseInt(read(posix.join(directory, 'cpu.cfs_period_us')), 10);
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : null;
}

const CGROUP_ROOT = '/sys/fs/cgroup';
