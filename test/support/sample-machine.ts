import type { PlanNeeds } from '../../src/doctor/finding.ts';
import type { Machine } from '../../src/doctor/machine.ts';
import { placeOf } from '../../src/doctor/target-place.ts';
import { kernelSettings, type KernelSettings } from '../../src/host/kernel-settings.ts';

/** The settings of a usual Linux server. */
export function sampleSettings(overrides: Partial<KernelSettings> = {}): KernelSettings {
  return {
    nrOpen: 1_048_576,
    localPorts: { first: 32_768, last: 60_999, count: 28_232 },
    tcpTwReuse: 2,
    somaxconn: 4096,
    tcpMaxSynBacklog: 2048,
    tcpSynRetries: 6,
    tcpSynLinearTimeouts: 4,
    tcpReadBuffer: { minBytes: 4096, defaultBytes: 131_072, maxBytes: 33_554_432 },
    tcpWriteBuffer: { minBytes: 4096, defaultBytes: 16_384, maxBytes: 4_194_304 },
    conntrack: { max: 262_144, count: 1000 },
    ...overrides,
  };
}

/** A server of eight processors and 16 GB. */
export function sampleMachine(overrides: Partial<Machine> = {}): Machine {
  return {
    kernel: 'Linux 6.18.0',
    node: 'v20.20.2',
    cpus: 8,
    cpuQuota: null,
    loadAverage: [0.5, 0.25, 0.125],
    memory: { totalBytes: 16e9, availableBytes: 12e9, groupLimitBytes: null },
    descriptors: { soft: 20_000, hard: 20_000 },
    settings: sampleSettings(),
    ...overrides,
  };
}

/** A system that tells of nothing but what Node knows everywhere. */
export function unknownMachine(): Machine {
  return sampleMachine({
    kernel: 'Darwin 24.0.0',
    descriptors: { soft: null, hard: null },
    settings: kernelSettings(() => ''),
  });
}

/** A thousand connections from two workers to one address of another machine. */
export function sampleNeeds(overrides: Partial<PlanNeeds> = {}): PlanNeeds {
  return {
    connections: 1000,
    concurrentDials: 100,
    connectTimeoutUs: 3e6,
    workers: 2,
    engine: 'auto',
    sourceAddresses: 1,
    place: placeOf([{ family: 4, host: '10.0.0.6', port: 7000 }], []),
    ...overrides,
  };
}
