/** What a frame costs besides its system calls: encoding, stamping, filling and comparing its payload. */
import { Random } from '../../dist/base/random.js';
import { createEncoder } from '../../dist/framing/encoder.js';
import { parseFrameFormat } from '../../dist/framing/frame-format.js';
import { parsePayloadSize, samplePayloadSize } from '../../dist/framing/payload-size.js';
import { PayloadSource } from '../../dist/framing/payload.js';
import { createStamp } from '../../dist/framing/stamp.js';
import { medianNs, printNs } from './rounds.js';

const TIMES = 1_000_000;
const out = Buffer.alloc(256 * 1024);

for (const spec of ['u32be', 'varint', 'delim:\\n']) {
  const encoder = createEncoder(parseFrameFormat(spec), null);
  printNs(
    `encode around 64 B, ${spec}`,
    medianNs(TIMES, () => repeat((i) => encoder.encodeAround(out, i & 1023, 64))),
  );
}

for (const spec of ['u32be', 'delim:\\n']) {
  const format = parseFrameFormat(spec);
  const codec = createStamp(format);
  const stamp = { connection: 7, sequence: 0, timeUs: 0 };
  const write = (i) => {
    stamp.sequence = i;
    stamp.timeUs = 2 ** 41 + i + 0.5;
    codec.write(out, i & 1023, stamp);
  };
  printNs(
    `write stamp, ${spec}`,
    medianNs(TIMES, () => repeat(write)),
  );
  out.fill('0');
  printNs(
    `read stamp, ${spec}`,
    medianNs(TIMES, () => repeat((i) => codec.read(out, i & 1023))),
  );
}

for (const bytes of [64, 1024, 64 * 1024]) {
  const format = parseFrameFormat('u32be');
  const stamp = createStamp(format);
  const payload = new PayloadSource({
    size: parsePayloadSize(`${bytes}B`),
    message: null,
    stamp,
    seed: 1,
    format,
  });
  const value = { connection: 7, sequence: 8, timeUs: 9 };
  const times = bytes > 1024 ? 20_000 : TIMES;
  printNs(
    `write payload of ${bytes} B`,
    medianNs(times, () => repeat((i) => payload.write(out, i & 63, bytes, value), times)),
  );
  payload.write(out, 0, bytes, value);
  const verify = () => {
    if (!payload.matchesContent(out, 16, bytes, 16)) throw new Error('payload differs');
  };
  printNs(
    `verify ${bytes - 16} B`,
    medianNs(times, () => repeat(verify, times)),
  );
}

for (const spec of ['uniform:64B..4KiB', 'exponential:256B', 'lognormal:256B']) {
  const size = parsePayloadSize(spec);
  const random = new Random(1);
  printNs(
    `sample ${spec}`,
    medianNs(TIMES, () => repeat(() => samplePayloadSize(size, random))),
  );
}

function repeat(operation, times = TIMES) {
  for (let i = 0; i < times; i++) operation(i);
}
