import type { SocketOptions } from '../socket-options.ts';
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  IP_TOS,
  SOL_SOCKET,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVBUF,
  SO_SNDBUF,
  TCP_CONGESTION,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_QUICKACK,
  TCP_USER_TIMEOUT,
} from './abi.ts';

/** One setsockopt: a text, or as many ints as the option has. */
export interface OptionCall {
  /** The option as the profile names it. */
  name: string;
  level: number;
  option: number;
  value: readonly number[] | string;
}

/** The calls that set `options`, in an order that every kernel takes; options that are null have none. */
export function optionCalls(options: SocketOptions, family: 4 | 6): OptionCall[] {
  const { keepAlive, lingerSeconds } = options;
  const tcp = (name: string, option: number, value: number | null): OptionCall[] =>
    value === null ? [] : [{ name, level: IPPROTO_TCP, option, value: [value] }];
  const socket = (name: string, option: number, value: readonly number[] | null): OptionCall[] =>
    value === null ? [] : [{ name, level: SOL_SOCKET, option, value }];
  const buffer = (bytes: number | null): number[] | null => (bytes === null ? null : [bytes]);
  return [
    ...tcp('noDelay', TCP_NODELAY, options.noDelay ? 1 : 0),
    ...socket('rcvbuf', SO_RCVBUF, buffer(options.receiveBufferBytes)),
    ...socket('sndbuf', SO_SNDBUF, buffer(options.sendBufferBytes)),
    ...tcp('quickAck', TCP_QUICKACK, options.quickAck === null ? null : Number(options.quickAck)),
    ...socket('linger', SO_LINGER, lingerSeconds === null ? null : [1, lingerSeconds]),
    ...socket('keepalive', SO_KEEPALIVE, keepAlive === null ? null : [1]),
    ...tcp('keepalive', TCP_KEEPIDLE, keepAlive?.idleSeconds ?? null),
    ...tcp('keepalive', TCP_KEEPINTVL, keepAlive?.intervalSeconds ?? null),
    ...tcp('keepalive', TCP_KEEPCNT, keepAlive?.count ?? null),
    ...tcp('userTimeout', TCP_USER_TIMEOUT, options.userTimeoutMs),
    ...tcp('notSentLowat', TCP_NOTSENT_LOWAT, options.notSentLowWaterBytes),
    ...typeOfServiceCall(options.typeOfService, family),
    ...congestionCall(options.congestion),
  ];
}

function typeOfServiceCall(value: number | null, family: 4 | 6): OptionCall[] {
  if (value === null) return [];
  const [level, option] = family === 4 ? [IPPROTO_IP, IP_TOS] : [IPPROTO_IPV6, IPV6_TCLASS];
  return [{ name: 'tos', level, option, value: [value] }];
}

function congestionCall(value: string | null): OptionCall[] {
  return value === null ? [] : [{ name: 'congestion', level: IPPROTO_TCP, option: TCP_CONGESTION, value }];
}

/** Options whose values are stored with a run, under the names of the profile. */
export const READABLE_OPTIONS: readonly {
  name: string;
  level: number;
  option: number;
  kind: 'int' | 'pair' | 'text';
}[] = [
  { name: 'noDelay', level: IPPROTO_TCP, option: TCP_NODELAY, kind: 'int' },
  { name: 'rcvbufBytes', level: SOL_SOCKET, option: SO_RCVBUF, kind: 'int' },
  { name: 'sndbufBytes', level: SOL_SOCKET, option: SO_SNDBUF, kind: 'int' },
  { name: 'quickAck', level: IPPROTO_TCP, option: TCP_QUICKACK, kind: 'int' },
  { name: 'lingerSeconds', level: SOL_SOCKET, option: SO_LINGER, kind: 'pair' },
  { name: 'keepAlive', level: SOL_SOCKET, option: SO_KEEPALIVE, kind: 'int' },
  { name: 'keepAliveIdleSeconds', level: IPPROTO_TCP, option: TCP_KEEPIDLE, kind: 'int' },
  { name: 'keepAliveIntervalSeconds', level: IPPROTO_TCP, option: TCP_KEEPINTVL, kind: 'int' },
  { name: 'keepAliveCount', level: IPPROTO_TCP, option: TCP_KEEPCNT, kind: 'int' },
  { name: 'userTimeoutMs', level: IPPROTO_TCP, option: TCP_USER_TIMEOUT, kind: 'int' },
  { name: 'notSentLowatBytes', level: IPPROTO_TCP, option: TCP_NOTSENT_LOWAT, kind: 'int' },
  { name: 'congestion', level: IPPROTO_TCP, option: TCP_CONGESTION, kind: 'text' },
];
