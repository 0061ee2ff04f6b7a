import type { EngineCapabilities } from '../engine.ts';

/** What an engine can do that makes its own system calls. */
export const EPOLL_CAPABILITIES: EngineCapabilities = {
  exactPartialWrites: true,
  tcpInfo: true,
  sourceAddress: true,
  socketOptions: true,
  tls: false,
  unixSockets: true,
};
