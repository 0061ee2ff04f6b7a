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
  /** Whether it may be given several times, each for one item of a list. */
  repeatable: boolean;
  /** The key's help and its default. */
  help: string;
}

/** Every flag that sets a key of the profile, in the order of `--help`. */
export const FLAGS: readonly Flag[] = [
  define('--target <host:port>', 'target'),
  define('-c, --connections <n>', 'connections.count'),
  define('--connect-rate <rate>', 'connections.rate'),
  define('--connect-ramp <duration>', 'connections.ramp'),
  define('--connect-concurrency <n|all>', 'connections.concurrentDials'),
  define('--connect-timeout <duration>', 'timeouts.connect'),
  define('--source-ip <list>', 'connections.sourceIps'),
  define('--connection-lifetime <lifetime>', 'connections.lifetime'),
  define('--reconnect <none|immediate|backoff>', 'connections.reconnect'),
  define('--backoff <first..longest>', 'connections.backoff'),
  define('--close <fin|reset|half>', 'connections.close'),
  define('-T, --duration <duration>', 'duration'),
  define('--warmup <duration>', 'warmup'),
  define('-r, --rate <rate>', 'load.rate'),
  define('-R, --total-rate <rate>', 'load.totalRate'),
  define('--arrivals <constant|poisson>', 'load.arrivals'),
  define('--pacing <precise|balanced|frugal>', 'load.pacing'),
  define('--window <n>', 'load.window'),
  define('--think <duration>', 'load.think'),
  define('--stage <duration:rate|n>', 'stages', 'repeatable'),
  define('-w, --workers <n>', 'workers'),
  define('--frame <form>', 'frame.format'),
  define('--frame-max <size>', 'frame.maxBytes'),
  define('--frame-header <bytes>', 'frame.header'),
  define('--payload <size>', 'payload.size'),
  define('-m, --message <bytes>', 'payload.message'),
  define('-f, --message-file <file>', 'payload.file'),
  define('--stamp <auto|on|off>', 'payload.stamp'),
  define('--preface <bytes>', 'preface.send'),
  define('--expect-preface <bytes>', 'preface.expect'),
  define('--preface-timeout <duration>', 'preface.timeout'),
  define('--match <fifo|id|none>', 'match.mode'),
  define('--verify <auto|echo|off>', 'match.verify'),
  define('--read-timeout <duration>', 'timeouts.read'),
  define('--write-timeout <duration>', 'timeouts.write'),
  define('--drain-timeout <duration>', 'timeouts.drain'),
  define('--heartbeat <duration>', 'heartbeat.every'),
  define('--heartbeat-payload <bytes>', 'heartbeat.payload'),
  define('--heartbeat-timeout <duration>', 'heartbeat.timeout'),
  define('--engine <auto|node|epoll>', 'engine'),
  define('--health-verdict <enforce|report>', 'health.verdict'),
  define('--nodelay <on|off>', 'socket.noDelay'),
  define('--rcvbuf <size>', 'socket.rcvbuf'),
  define('--sndbuf <size>', 'socket.sndbuf'),
  define('--quickack <on|off>', 'socket.quickAck'),
  define('--linger <duration>', 'socket.linger'),
  define('--keepalive <idle/interval/count>', 'socket.keepalive'),
  define('--user-timeout <duration>', 'socket.userTimeout'),
  define('--congestion <name>', 'socket.congestion'),
  define('--tos <n>', 'socket.tos'),
  define('--notsent-lowat <size>', 'socket.notSentLowat'),
  define('--tls', 'tls.enabled'),
  define('--tls-ca <file>', 'tls.ca'),
  define('--tls-cert <file>', 'tls.cert'),
  define('--tls-key <file>', 'tls.key'),
  define('--tls-servername <name>', 'tls.servername'),
  define('--tls-alpn <list>', 'tls.alpn'),
  define('--tls-insecure', 'tls.insecure'),
  define('--threshold <expr>', 'thresholds', 'repeatable'),
  define('--label <name>', 'label'),
  define('--seed <n>', 'seed'),
  define('--max-disk <size>', 'record.maxDisk'),
  define('--allow-public', 'safety.allowPublic'),
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

/** The flag that sets a key; null where only `--set` does. */
export function flagOf(path: ProfilePath): Flag | null {
  return FLAGS.find((candidate) => candidate.path === path) ?? null;
}

/** A key as a message names it: its path, and the flag that sets it where there is one. */
export function keyName(path: ProfilePath): string {
  const flag = flagOf(path);
  return flag === null ? path : `${path} (--${flag.name})`;
}

function define(syntax: string, path: ProfilePath, times: 'once' | 'repeatable' = 'once'): Flag {
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
    repeatable: times === 'repeatable',
    help: defaultText === null ? help : `${help} (default ${defaultText})`,
  };
}
