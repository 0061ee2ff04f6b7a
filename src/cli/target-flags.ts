import { readFileSync } from 'node:fs';

import { parseBytes } from '../base/byte-text.ts';
import { describeSystemError, OperatingError } from '../base/errors.ts';
import { parseSize } from '../base/units.ts';
import { parseFrameFormat } from '../framing/frame-format.ts';
import { PAYLOAD_BYTES_MAX } from '../framing/limits.ts';
import { faultSetFaults, parseFault } from '../target/fault/fault-grammar.ts';
import type { FaultSpec } from '../target/fault/fault.ts';
import { BACKLOG_MAX } from '../target/limits.ts';
import type { ListenAddress } from '../target/listen.ts';
import type { TargetMode } from '../target/target-connection.ts';
import type { TargetOptions, TargetTls } from '../target/target.ts';

/** The flags of `tidemark target` as commander hands them over: text, or undefined where not given. */
export interface TargetFlags {
  host: string;
  port: string;
  unix?: string;
  frame: string;
  frameMax: string;
  preface?: string;
  expectPreface?: string;
  backlog: string;
  mode: string;
  fault?: string[];
  seed?: string;
  listFaults?: 'text' | 'markdown';
  tlsCert?: string;
  tlsKey?: string;
  tlsClientCa?: string;
  tlsAlpn?: string;
  json?: true;
  exitWithParent?: true;
}

/**
 * The options that the flags ask for. Certificate files are read here.
 * @throws {OperatingError} listing every fault (ERR_USAGE)
 */
export function parseTargetFlags(flags: TargetFlags): TargetOptions {
  const reader = new FlagReader();
  const options = {
    listen: listenAddress(flags, reader),
    backlog: reader.read('--backlog', flags.backlog, (text) => integer(text, 1, BACKLOG_MAX)),
    format: reader.read('--frame', flags.frame, parseFrameFormat),
    maxPayloadBytes: reader.read('--frame-max', flags.frameMax, frameMax),
    mode: reader.read('--mode', flags.mode, targetMode),
    sendPreface: reader.readOptional('--preface', flags.preface, preface),
    expectPreface: reader.readOptional('--expect-preface', flags.expectPreface, preface),
    tls: tlsOptions(flags, reader),
    faults: faults(flags.fault ?? [], reader),
    seed: reader.read('--seed', flags.seed ?? '1', (text) => integer(text, 0, Number.MAX_SAFE_INTEGER)),
  };
  return reader.finish(options);
}

type Read<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Reads flags one by one and remembers what is wrong, so that the user learns of all faults at once. */
class FlagReader {
  readonly #faults: string[] = [];

  /** The value, or undefined when it is bad; `finish` then throws. */
  read<T>(flag: string, text: string, parse: (text: string) => T): T | undefined {
    try {
      return parse(text);
    } catch (error) {
      this.fault(flag, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  readOptional<T>(flag: string, text: string | undefined, parse: (text: string) => T): T | null | undefined {
    return text === undefined ? null : this.read(flag, text, parse);
  }

  fault(flag: string, message: string): void {
    this.#faults.push(`${flag}: ${message}`);
  }

  /** The options, now known to hold no undefined at their top. */
  finish<T extends object>(options: T): Read<T> {
    if (this.#faults.length > 0) throw new OperatingError('ERR_USAGE', this.#faults.join('\n'));
    return options as Read<T>;
  }
}

function listenAddress(flags: TargetFlags, reader: FlagReader): ListenAddress {
  if (flags.unix !== undefined) return { path: flags.unix };
  const port = reader.read('--port', flags.port, (text) => integer(text, 0, 65_535));
  return { host: flags.host, port: port ?? 0 };
}

function integer(text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new Error(`must be a whole number from ${min} to ${max}: current value is ${JSON.stringify(text)}`);
  }
  return value;
}

function faults(texts: readonly string[], reader: FlagReader): FaultSpec[] {
  const specs = texts.flatMap((text) => reader.read('--fault', text, parseFault) ?? []);
  for (const message of faultSetFaults(specs)) reader.fault('--fault', message);
  return specs;
}

function frameMax(text: string): number {
  const bytes = parseSize(text);
  if (bytes > PAYLOAD_BYTES_MAX) throw new Error(`must be at most 256MiB: current value is ${text}`);
  return bytes;
}

function targetMode(text: string): TargetMode {
  if (text === 'echo' || text === 'sink') return text;
  throw new Error(`must be echo or sink: current value is ${JSON.stringify(text)}`);
}

function preface(text: string): Uint8Array {
  const bytes = parseBytes(text);
  if (bytes.length === 0) throw new Error('must hold at least one byte');
  return bytes;
}

function tlsOptions(flags: TargetFlags, reader: FlagReader): TargetTls | null {
  const { tlsCert, tlsKey, tlsClientCa, tlsAlpn } = flags;
  if (tlsCert === undefined || tlsKey === undefined) {
    if ([tlsCert, tlsKey, tlsClientCa, tlsAlpn].some((flag) => flag !== undefined)) {
      reader.fault('--tls-cert', 'TLS needs a certificate and its key: give --tls-cert and --tls-key');
    }
    return null;
  }
  return {
    cert: reader.read('--tls-cert', tlsCert, readText) ?? '',
    key: reader.read('--tls-key', tlsKey, readText) ?? '',
    clientCa: reader.readOptional('--tls-client-ca', tlsClientCa, readText) ?? null,
    alpn: reader.readOptional('--tls-alpn', tlsAlpn, protocolNames) ?? [],
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${describeSystemError(error)}`, { cause: error });
  }
}

function protocolNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  // Source: RFC 7301 section 3.1: a protocol name has 1 to 255 bytes.
  if (names.some((name) => name === '' || Buffer.byteLength(name) > 255)) {
    throw new Error(
      `must be names of 1 to 255 bytes, separated by commas: current value is ${JSON.stringify(text)}`,
    );
  }
  return names;
}
