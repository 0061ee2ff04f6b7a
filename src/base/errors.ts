import { EXIT, type ExitCode } from './exit-codes.ts';

/** Stable names of operating errors: what scripts and tests match on instead of the message. */
export type ErrorCode =
  | 'ERR_USAGE'
  | 'ERR_PROFILE_INVALID'
  | 'ERR_TARGET'
  | 'ERR_PREFLIGHT'
  | 'ERR_STORE'
  | 'ERR_ENGINE_UNSUPPORTED';

export interface OperatingErrorOptions {
  exitCode?: ExitCode;
  cause?: unknown;
}

/**
 * Something the user or the machine must put right: a bad profile, a missing permission, a full disk.
 * The command line prints its message without a stack trace and exits with `exitCode`.
 * The message names the action, the constraint and the current value.
 */
export class OperatingError extends Error {
  readonly code: ErrorCode;
  /** @default EXIT.usage */
  readonly exitCode: ExitCode;

  constructor(code: ErrorCode, message: string, options: OperatingErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OperatingError';
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT.usage;
  }
}

/** A system error's code and call, or its message, in a form that fits into a sentence. */
export function describeSystemError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return error.message;
  return syscall === undefined ? code : `${code} from ${syscall}`;
}
