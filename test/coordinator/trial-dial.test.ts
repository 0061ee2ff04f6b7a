import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';

import { StopSwitch } from '../../src/coordinator/stop-switch.ts';
import { trialDial } from '../../src/coordinator/trial-dial.ts';
import { serve, serveNobody } from '../support/loopback-server.ts';

test('trialDial dials every address once and says how each dial ended', async () => {
  const sockets: Socket[] = [];
  const open = await serve((socket) => sockets.push(socket));
  const refused = { family: 4, host: '127.0.0.1', port: 1 } as const;
  const missing = { family: 'unix', path: '/nonexistent/peer.sock' } as const;
  const results = await trialDial([open, refused, missing, open], 5e6, new StopSwitch());
  expect(results.map(({ address }) => address)).toEqual([open, refused, missing, open]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['connected', 'refused', 'other', 'connected']);
  expect(results.map(({ failure }) => failure?.errno ?? null)).toEqual([
    null,
    'ECONNREFUSED',
    'ENOENT',
    null,
  ]);
  // The dials leave with FIN, not with RST, and send nothing.
  await Promise.all(sockets.map((socket) => once(socket.resume(), 'end')));
  expect(sockets.map(({ bytesRead }) => bytesRead)).toEqual([0, 0]);
});

test('trialDial gives a dial up that nobody answers', async () => {
  const results = await trialDial([await serveNobody()], 100_000, new StopSwitch());
  expect(results).toMatchObject([{ outcome: 'timedOut', failure: null }]);
});

test('trialDial gives up at once when the user asks for the end', async () => {
  const stopSwitch = new StopSwitch();
  const beganMs = performance.now();
  const trial = trialDial([await serveNobody(), await serve((socket) => socket.resume())], 15e6, stopSwitch);
  setTimeout(() => stopSwitch.request(), 200);
  expect((await trial).map(({ outcome }) => outcome)).toEqual(['abandoned', 'connected']);
  expect(performance.now() - beganMs).toBeLessThan(10_000);
});
