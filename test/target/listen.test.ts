import { createServer } from 'node:net';

import { describe, expect, test } from 'vitest';

import { formatListenAddress, listen, type ListenAddress } from '../../src/target/listen.ts';
import { startTarget } from '../../src/target/target.ts';

test.each([
  [{ address: '127.0.0.1', family: 'IPv4', port: 7007 }, '127.0.0.1:7007'],
  [{ address: '::1', family: 'IPv6', port: 7007 }, '[::1]:7007'],
  ['/run/echo.sock', 'unix:/run/echo.sock'],
])('formatListenAddress writes %j as --target takes it', (address, text) => {
  expect(formatListenAddress(address)).toBe(text);
});

describe('listen names the address, the reason and the way out', () => {
  test('when the port is in use', async () => {
    const owner = await startTarget();
    const port = Number(owner.address.split(':')[1]);
    const message = `Cannot listen on 127.0.0.1 port ${port}: it is in use; stop its owner or choose another with --port (0 takes a free one) (EADDRINUSE from listen)`;
    await expect(startTarget({ listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'ERR_TARGET',
      exitCode: 104,
      message,
    });
    await owner.close();
  });

  test.each<[string, ListenAddress, string]>([
    [
      'the directory of a socket is missing',
      { path: '/nonexistent/echo.sock' },
      'its directory does not exist',
    ],
    ['a socket path is too long', { path: `/tmp/${'x'.repeat(200)}` }, 'at most 107 bytes; this one has 205'],
    ['the address is not of this machine', { host: '192.0.2.1', port: 0 }, 'no interface of this machine'],
    ['the host does not resolve', { host: 'empty..label', port: 0 }, 'does not resolve'],
  ])('when %s', async (_, address, reason) => {
    await expect(listen(createServer(), address, 1)).rejects.toThrow(reason);
  });
});
