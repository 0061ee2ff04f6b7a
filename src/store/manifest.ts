import type { HostFacts } from '../host/host-facts.ts';
import type { Profile } from '../profile/profile.ts';

/** Raised when a key of run.json changes its meaning. */
export const MANIFEST_VERSION = 1;

/** What is known of a run before its first dial: run.json. It stays when the run does not end. */
export interface Manifest {
  version: typeof MANIFEST_VERSION;
  tool: ToolFacts;
  id: string;
  label: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  target: string;
  /** Name of the engine that runs, never `auto`. */
  engine: string;
  /** Why this engine and no other. */
  engineReason: string;
  workers: number;
  seed: number;
  intervalSeconds: number;
  /** The effective profile. */
  profile: Profile;
  host: HostFacts;
}

/** Which program made the run. */
export interface ToolFacts {
  name: string;
  version: string;
}
