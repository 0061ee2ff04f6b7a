import { isIPv4, isIPv6 } from 'node:net';
import { ValueError } from './value-error.ts';
import { UNIX_PATH_BYTES_MAX } from './profile-limits.ts';

/** A target as it was named, before its name is resolved. `host` is a name or an address without brackets. */
export type TargetSpec = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string };

const FORMS = 'a target reads like host:port, [v6]:port or unix:/path';

/**
 * What a target's text names.
 * @throws {ValueError} when the text has none of the accepted forms, or its port lies outside 1 to 65535
 * @example parseTargetSpec('[::1]:7000') // { kind: 'tcp', host: '::1', port: 7000 }
 */
export function parseTargetSpec(text: string): TargetSpec {
  if (text.startsWith('unix:')) return { kind: 'unix', path: parseUnixPath(text) };
  if (text.includes('://')) throw refusal(text, `is a URL; ${FORMS}`);
  if (isIPv6(text) || /^[^[].*:.*:\d+$/.test(text)) {
    throw refusal(text, `must have its IPv6 address in brackets; ${FORMS}`);
  }
  const { v6, host, port } = /^(?:\[(?<v6>.*)\]|(?<host>[^:]*)):(?<port>.*)$/.exec(text)?.groups ?? {};
  if (port === undefined) throw refusal(text, `has no port; ${FORMS}`);
  if (v6 !== undefined && !isIPv6(v6)) throw refusal(text, `holds no IPv6 address in its brackets; ${FORMS}`);
  if (host !== undefined && !isHost(host))
    throw refusal(text, `holds no host name or IPv4 address; ${FORMS}`);
  if (!/^\d+$/.test(port)) throw refusal(text, `has no port number; ${FORMS}`);
  const number = Number(port);
  if (number < 1 || number > 65_535) {
    throw refusal(text, `has a port that must be between 1 and 65535, current value is ${port}; ${FORMS}`);
  }
  return { kind: 'tcp', host: v6 ?? host ?? '', port: number };
}

/** Underscores are no part of a host name's grammar, but container networks use them. */
function isHost(host: string): boolean {
  if (/^[\d.]+$/.test(host)) return isIPv4(host);
  return host.length <= 253 && /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_.])?$/u.test(host);
}

function parseUnixPath(text: string): string {
  const path = text.slice('unix:'.length);
  const bytes = Buffer.byteLength(path);
  if (bytes < 1 || bytes > UNIX_PATH_BYTES_MAX || path.includes('\0')) {
    throw refusal(
      text,
      `must have a path of 1 to ${UNIX_PATH_BYTES_MAX} bytes, this one has ${bytes}; ${FORMS}`,
    );
  }
  return path;
}

function refusal(text: string, what: string): ValueError {
  return new ValueError(`${JSON.stringify(text)} ${what}`);
}
