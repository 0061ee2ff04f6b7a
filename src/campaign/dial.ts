import { connect } from 'node:net';
import { parseTargetSpec } from '../profile/target-spec.ts';

/**
 * Whether something accepts connections at a target's address right now; the connection is closed at once.
 * @param address as `--target` takes it
 */
export function accepts(address: string): Promise<boolean> {
  const spec = parseTargetSpec(address);
  const socket = spec.kind === 'unix' ? connect(spec.path) : connect({ host: spec.host, port: spec.port });
  return new Promise((resolve) => {
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(DIAL_MS_MAX, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/** How long one look whether a server listens may take. */
const DIAL_MS_MAX = 1000;
