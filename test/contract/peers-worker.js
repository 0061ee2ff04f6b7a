// The peers of the engine contract suite, in a thread of their own: an engine may block its thread while it runs, and
// its peers must still answer. Every command is answered once; the caller waits for it on `turn`.
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Worker, workerData } from 'node:worker_threads';

const { orders, turn } = workerData;
/** By the number that `listen` answers. */
const servers = [];

const commands = { listen, stop, accepted, state, bytes, act, deaf, reset };

orders.on('message', async ([name, ...args]) => {
  let answer;
  try {
    answer = { value: await commands[name](...args) };
  } catch (error) {
    answer = { error: String(error) };
  }
  orders.postMessage(answer);
  Atomics.add(turn, 0, 1);
  Atomics.notify(turn, 0);
});

/** `mode`: read (and keep), echo, or idle (read nothing until told to). */
async function listen({ mode, where, tls }) {
  const connections = [];
  const options = { allowHalfOpen: true, pauseOnConnect: mode === 'idle' && tls === undefined };
  const server = tls === undefined ? createServer(options) : createTlsServer({ ...options, ...tls });
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  const connected = tls === undefined ? 'connection' : 'secureConnection';
  server.on(connected, (socket) => connections.push(accept(socket, mode)));
  // A handshake that fails is the client's to report.
  server.on('tlsClientError', () => {});
  server.listen(where);
  await once(server, 'listening');
  servers.push({ server, sockets, connections, connected });
  const { port } = server.address();
  return { at: servers.length - 1, port };
}

async function stop(at) {
  await closeServer(servers[at]);
  servers[at] = null;
}

function accepted(at) {
  return servers[at].connections.length;
}

function accept(socket, mode) {
  const connection = { socket, chunks: [], bytes: 0, ended: false, closed: false, error: null };
  socket.on('error', (error) => (connection.error ??= error.code));
  socket.on('end', () => (connection.ended = true));
  socket.on('close', () => (connection.closed = true));
  if (mode !== 'idle') read(connection);
  if (mode === 'echo') socket.pipe(socket);
  return connection;
}

function read(connection) {
  connection.socket.on('data', (chunk) => {
    connection.chunks.push(chunk);
    connection.bytes += chunk.length;
  });
  connection.socket.resume();
}

/** Undefined where the connection was not accepted yet. */
function state(at, index) {
  const connection = servers[at].connections[index];
  if (connection === undefined) return undefined;
  const { ended, closed, error, socket } = connection;
  const { servername, alpnProtocol, authorized } = socket;
  return { bytes: connection.bytes, ended, closed, error, servername, alpnProtocol, authorized };
}

async function bytes(at, index) {
  const { chunks } = await connectionAt(at, index);
  return Buffer.concat(chunks);
}

/** `read`: begin to read; `write`, `end`, `reset` (RST), `destroy`. */
async function act(at, index, action, data) {
  const connection = await connectionAt(at, index);
  const { socket } = connection;
  if (action === 'read') read(connection);
  else if (action === 'write') socket.write(data);
  else if (action === 'end') socket.end();
  else if (action === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}

/** The dialer may know of a connection before it is accepted here. */
async function connectionAt(at, index) {
  const { server, connections, connected } = servers[at];
  while (connections[index] === undefined) await once(server, connected);
  return connections[index];
}

/**
 * A port whose backlog is full, so that dials to it hang: a thread listens, then blocks and accepts nothing; Linux
 * lets one connection more than the backlog into the queue.
 */
async function deaf() {
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(DEAF, { eval: true, workerData: wake });
  const [port] = await once(worker, 'message');
  const fillers = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(fillers.map((socket) => once(socket, 'connect')));
  const close = async () => {
    for (const socket of fillers) socket.on('error', () => {}).destroy();
    Atomics.store(wake, 0, 1);
    Atomics.notify(wake, 0);
    await once(worker, 'exit');
  };
  servers.push({ close });
  return port;
}

const DEAF = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData, 0, 0);
    process.exit();
  });
`;

/** Ends everything, for the next test. */
async function reset() {
  const left = servers.splice(0).filter((server) => server !== null);
  await Promise.all(left.map(closeServer));
}

function closeServer({ server, sockets, connections, close }) {
  if (close !== undefined) return close();
  for (const { socket } of connections) socket.destroy();
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(resolve));
}
