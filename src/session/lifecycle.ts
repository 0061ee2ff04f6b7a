import { assert } from '../base/assert.ts';

/**
 * A connection's life as a pure table: idle -> dialing -> (securing) -> (preface) -> open -> draining -> closing ->
 * ended. `draining` sends no new frames and waits for owed replies; `closing` waits for the engine's last word.
 */
export type SessionState =
  'idle' | 'dialing' | 'securing' | 'preface' | 'open' | 'draining' | 'closing' | 'ended';

export type SessionStep =
  | 'dial'
  | 'secure'
  | 'greet'
  | 'open'
  /** The plan is over. */
  | 'drain'
  /** The session asks the engine for the end: its cause is known. */
  | 'close'
  /** The engine says that the connection is gone. */
  | 'gone';

const NEXT: Readonly<Record<SessionState, Partial<Record<SessionStep, SessionState>>>> = {
  idle: { dial: 'dialing', gone: 'ended' },
  dialing: { secure: 'securing', greet: 'preface', open: 'open', close: 'closing', gone: 'ended' },
  securing: { greet: 'preface', open: 'open', close: 'closing', gone: 'ended' },
  preface: { open: 'open', close: 'closing', gone: 'ended' },
  open: { drain: 'draining', close: 'closing', gone: 'ended' },
  draining: { close: 'closing', gone: 'ended' },
  closing: { gone: 'ended' },
  ended: {},
};

/** Whether `step` is possible in `state`. */
export function canTake(state: SessionState, step: SessionStep): boolean {
  return NEXT[state][step] !== undefined;
}

/**
 * The state that follows `state` by `step`.
 * @throws {Error} where the table has no such step: a bug, for example a close after the close
 */
export function nextState(state: SessionState, step: SessionStep): SessionState {
  const next = NEXT[state][step];
  assert(next !== undefined, `a session that is ${state} can take the step ${step}`);
  return next;
}
