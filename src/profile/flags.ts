import { PROFILE_KEYS } from './profile-keys.ts';
import type { ProfilePath } from './profile-values.ts';

/** A command line flag that sets one key of the profile. */
export interface Flag {
  /** Long name without dashes, for example `connect-timeout`. */
  name: string;
  /** One letter, or null. */
  short: string | null;
  /** What stands for its argument in `--help`, for example `<duration>`; null for a switch. */
  placeholder: string | null;
  path: ProfilePath;
  /** The key's help and its default. */
  help: string;
}

/** Every flag that sets a key of the profile, in the order of `--help`. */
export const FLAGS: readonly Flag[] = [
  flag('--target <host:port>', 'target'),
  flag('-c, --connections <n>', 'connections.count'),
  flag('--connect-rate <rate>', 'connections.rate'),
  flag('--connect-ramp <duration>', 'connections.ramp'),
  flag('--connect-concurrency <n>', 'connections.concurrentDials'),
  flag('--connect-timeout <duration>', 'timeouts.connect'),
  flag('-T, --duration <duration>', 'duration'),
  flag('--warmup <duration>', 'warmup'),
  flag('-r, --rate <rate>', 'load.rate'),
  flag('-R, --total-rate <rate>', 'load.totalRate'),
  flag('--window <n>', 'load.window'),
  flag('--think <duration>', 'load.think'),
  flag('-w, --workers <n>', 'workers'),
  flag('--frame <form>', 'frame.format'),
  flag('--frame-max <size>', 'frame.maxBytes'),
  flag('--frame-header <bytes>', 'frame.header'),
  flag('--payload <size>', 'payload.size'),
  flag('-m, --message <bytes>', 'payload.message'),
  flag('-f, --message-file <file>', 'payload.file'),
  flag('--stamp <auto|on|off>', 'payload.stamp'),
  flag('--preface <bytes>', 'preface.send'),
  flag('--expect-preface <bytes>', 'preface.expect'),
  flag('--preface-timeout <duration>', 'preface.timeout'),
  flag('--match <fifo|id|none>', 'match.mode'),
  flag('--verify <auto|echo|off>', 'match.verify'),
  flag('--read-timeout <duration>', 'timeouts.read'),
  flag('--write-timeout <duration>', 'timeouts.write'),
  flag('--drain-timeout <duration>', 'timeouts.drain'),
  flag('--engine <auto|node|epoll>', 'engine'),
  flag('--nodelay <on|off>', 'socket.noDelay'),
  flag('--tls', 'tls.enabled'),
  flag('--tls-ca <file>', 'tls.ca'),
  flag('--tls-cert <file>', 'tls.cert'),
  flag('--tls-key <file>', 'tls.key'),
  flag('--tls-servername <name>', 'tls.servername'),
  flag('--tls-alpn <list>', 'tls.alpn'),
  flag('--tls-insecure', 'tls.insecure'),
  flag('--label <name>', 'label'),
  flag('--seed <n>', 'seed'),
  flag('--allow-public', 'safety.allowPublic'),
];

/**
 * A flag as commander and `--help` spell it.
 * @example flagSyntax(flag) // '-c, --connections <n>'
 */
export function flagSyntax(flag: Flag): string {
  const short = flag.short === null ? '' : `-${flag.short}, `;
  const argument = flag.placeholder === null ? '' : ` ${flag.placeholder}`;
  return `${short}--${flag.name}${argument}`;
}

/**
 * The name under which commander's `opts()` holds the flag.
 * @example flagAttribute(flag) // 'connectTimeout'
 */
export function flagAttribute(flag: Flag): string {
  return flag.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The environment variable that stands for the flag.
 * @example flagVariable(flag) // 'TIDEMARK_CONNECT_TIMEOUT'
 */
export function flagVariable(flag: Flag): string {
  return `TIDEMARK_${flag.name.toUpperCase().replaceAll('-', '_')}`;
}

/** A key as a message names it: its path, and the flag that sets it where there is one. */
export function keyName(path: ProfilePath): string {
  const flag = FLAGS.find((candidate) => candidate.path === path);
  return flag === undefined ? path : `${path} (--${flag.name})`;
}

function flag(syntax: string, path: ProfilePath): Flag {
  const {
    short,
    name = '',
    placeholder,
  } = /^(?:-(?<short>\w), )?--(?<name>[\w-]+)(?: (?<placeholder><.+>))?$/.exec(syntax)?.groups ?? {};
  const { help, defaultText } = PROFILE_KEYS[path];
  return {
    name,
    short: short ?? null,
    placeholder: placeholder ?? null,
    path,
    help: defaultText === null ? help : `${help} (default ${defaultText})`,
  };
}
