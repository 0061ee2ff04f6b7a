import type { CpuSteal, Diagnosis } from '../doctor/diagnosis.ts';
import type { Machine } from '../doctor/machine.ts';
import type { SynSchedule } from '../doctor/syn-schedule.ts';
import type { BufferSizes, KernelSettings } from '../host/kernel-settings.ts';
import { formatBytes, formatCount, formatUs } from './human.ts';

/** A part of the page: a head, and names with what they stand for. */
export interface DoctorBlock {
  head: string;
  rows: [name: string, value: string][];
}

/** The machine in parts: itself, its kernel's TCP, its engines, its clock and loop. */
export function doctorBlocks(diagnosis: Diagnosis): DoctorBlock[] {
  const { machine, engines } = diagnosis;
  return [
    { head: 'machine', rows: machineRows(machine, diagnosis.cpuSteal) },
    { head: "kernel's TCP", rows: kernelRows(machine.settings) },
    {
      head: 'engines',
      rows: engines.map(({ name, available, reason }) => [
        name,
        available ? `available: ${reason}` : `not available: ${reason}`,
      ]),
    },
    { head: 'clock and loop, measured', rows: timingRows(diagnosis) },
  ];
}

/** When a dial that nobody answers repeats its SYN, in one line. */
export function synLine(schedule: SynSchedule | null): string {
  if (schedule === null) return `an unanswered dial sends its SYNs at times ${UNKNOWN} here`;
  const shown = schedule.sentAtSeconds.slice(0, SYNS_SHOWN).join(' ');
  const more = schedule.sentAtSeconds.length > SYNS_SHOWN ? ' ...' : '';
  return `an unanswered dial sends SYNs at ${shown}${more} s and fails at ${schedule.timeoutSeconds} s`;
}

function machineRows(machine: Machine, steal: CpuSteal): DoctorBlock['rows'] {
  const { memory, descriptors, cpus, cpuQuota } = machine;
  return [
    ['kernel', machine.kernel],
    ['node', machine.node],
    ['CPUs', cpuQuota === null ? `${cpus}` : `${cpus}, of which the control group may use ${cpuQuota}`],
    ['load average', machine.loadAverage.map((load) => load.toFixed(2)).join(' ')],
    ['CPU steal', stealText(steal)],
    ['memory', `${formatBytes(memory.availableBytes)} available of ${formatBytes(memory.totalBytes)}`],
    [
      'memory limit',
      memory.groupLimitBytes === null
        ? 'none'
        : `${formatBytes(memory.groupLimitBytes)} for the control group`,
    ],
    ['descriptors', `${count(descriptors.soft)} soft, ${count(descriptors.hard)} hard`],
    ['fs.nr_open', count(machine.settings.nrOpen)],
  ];
}

/** By the names that sysctl knows them by, since that is what is typed to change them. */
function kernelRows(settings: KernelSettings): DoctorBlock['rows'] {
  const { localPorts, conntrack } = settings;
  return [
    [
      'ip_local_port_range',
      localPorts === null
        ? UNKNOWN
        : `${localPorts.first} ${localPorts.last} (${formatCount(localPorts.count)} ports)`,
    ],
    ['tcp_tw_reuse', plain(settings.tcpTwReuse)],
    ['somaxconn', plain(settings.somaxconn)],
    ['tcp_max_syn_backlog', plain(settings.tcpMaxSynBacklog)],
    ['tcp_syn_retries', plain(settings.tcpSynRetries)],
    ['tcp_syn_linear_timeouts', plain(settings.tcpSynLinearTimeouts)],
    ['tcp_rmem', buffer(settings.tcpReadBuffer)],
    ['tcp_wmem', buffer(settings.tcpWriteBuffer)],
    [
      'nf_conntrack',
      conntrack === null
        ? 'not loaded'
        : `${formatCount(conntrack.count)} of ${formatCount(conntrack.max)} entries`,
    ],
  ];
}

function timingRows({ clock, loop }: Diagnosis): DoctorBlock['rows'] {
  const { timeoutLatenessUs, turnUs } = loop;
  return [
    ['clock', `steps of ${Math.round(clock.stepNs)} ns, ${Math.round(clock.costNs)} ns a reading`],
    [
      'timer of 1 ms',
      `late by ${formatUs(timeoutLatenessUs.p50)} (p50), ${formatUs(timeoutLatenessUs.p99)} (p99)`,
    ],
    ['idle turn', `${formatUs(turnUs.p50)} (p50), ${formatUs(turnUs.p99)} (p99)`],
  ];
}

function stealText({ now, sinceBoot }: CpuSteal): string {
  if (now === null || sinceBoot === null) return UNKNOWN;
  return `${percent(now)} now, ${percent(sinceBoot)} since boot`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function count(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value === Number.MAX_SAFE_INTEGER ? 'unlimited' : formatCount(value);
}

/** Settings as sysctl prints them. */
function plain(value: number | null): string {
  return value === null ? UNKNOWN : String(value);
}

function buffer(sizes: BufferSizes | null): string {
  return sizes === null ? UNKNOWN : `${sizes.minBytes} ${sizes.defaultBytes} ${sizes.maxBytes}`;
}

const UNKNOWN = 'unknown';
/** Repeats beyond these lie minutes apart. */
const SYNS_SHOWN = 14;
