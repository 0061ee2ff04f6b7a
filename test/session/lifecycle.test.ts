import { describe, expect, test } from 'vitest';

import { canTake, nextState, type SessionState, type SessionStep } from '../../src/session/lifecycle.ts';

const STATES: SessionState[] = [
  'idle',
  'dialing',
  'securing',
  'preface',
  'open',
  'draining',
  'closing',
  'ended',
];
const STEPS: SessionStep[] = ['dial', 'secure', 'greet', 'open', 'drain', 'close', 'gone'];

/** Every step that is possible; all others are bugs. */
const POSSIBLE: [from: SessionState, step: SessionStep, to: SessionState, why: string][] = [
  ['idle', 'dial', 'dialing', 'a session begins with its dial'],
  ['idle', 'gone', 'ended', 'a session that was never dialled can be dropped'],
  ['dialing', 'secure', 'securing', 'with TLS a connection is secured first'],
  ['dialing', 'greet', 'preface', 'without TLS prefaces come first'],
  ['dialing', 'open', 'open', 'without TLS and preface frames come first'],
  ['dialing', 'close', 'closing', 'a dial can be given up'],
  ['dialing', 'gone', 'ended', 'a dial can fail'],
  ['securing', 'greet', 'preface', 'prefaces are exchanged under TLS'],
  ['securing', 'open', 'open', 'frames are exchanged under TLS'],
  ['securing', 'close', 'closing', 'a handshake can be given up'],
  ['securing', 'gone', 'ended', 'a handshake can fail'],
  ['preface', 'open', 'open', 'frames follow the preface'],
  ['preface', 'close', 'closing', 'a preface can be wrong or late'],
  ['preface', 'gone', 'ended', 'a connection can break during the preface'],
  ['open', 'drain', 'draining', 'the plan ends'],
  ['open', 'close', 'closing', 'a session can be given up'],
  ['open', 'gone', 'ended', 'a connection can break'],
  ['draining', 'close', 'closing', 'nothing is owed any more, or too late'],
  ['draining', 'gone', 'ended', 'a connection can break while it drains'],
  ['closing', 'gone', 'ended', "the engine's last word"],
];

test.each(POSSIBLE)('nextState leads from %s by %s to %s: %s', (from, step, to) => {
  expect(canTake(from, step)).toBe(true);
  expect(nextState(from, step)).toBe(to);
});

const impossible = STATES.flatMap((state) => STEPS.map((step) => [state, step] as const)).filter(
  ([state, step]) => !POSSIBLE.some(([from, known]) => from === state && known === step),
);

describe('nextState refuses as a bug', () => {
  test.each(impossible)('%s by %s', (state, step) => {
    expect(canTake(state, step)).toBe(false);
    expect(() => nextState(state, step)).toThrow(`a session that is ${state} can take the step ${step}`);
  });
});
