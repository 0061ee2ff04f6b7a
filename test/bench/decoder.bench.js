/** Decoding of coalesced frames with 64 B of payload, fed as an engine does: 64 KiB at a time, cut anywhere. */
import { createDecoder } from '../../dist/framing/decoder.js';
import { createEncoder } from '../../dist/framing/encoder.js';
import { parseFrameFormat } from '../../dist/framing/frame-format.js';
import { medianNs, printRate } from './rounds.js';

const CHUNK_BYTES = 64 * 1024;
const PAYLOAD_BYTES = 64;
const FRAMES = 1_000_000;

// The demanded one comes first: later formats find the shared code tuned for more than one form.
for (const spec of ['u32be', 'u16le', 'u64be', 'varint', 'delim:\\n', 'delim:\\r\\n', 'fixed:64']) {
  const format = parseFrameFormat(spec);
  const stream = encodeStream(format);
  const decoder = createDecoder(format, 1 << 20);
  const ns = medianNs(FRAMES, () => decodeStream(decoder, stream));
  printRate(`decode ${spec}, 64 B payload`, ns, 'frames');
}

function encodeStream(format) {
  const encoder = createEncoder(format, null);
  const stream = Buffer.alloc(FRAMES * encoder.frameBytes(PAYLOAD_BYTES), 'x');
  let at = 0;
  for (let i = 0; i < FRAMES; i++) at = encoder.encodeAround(stream, at, PAYLOAD_BYTES);
  return stream;
}

function decodeStream(decoder, stream) {
  let frames = 0;
  let payloadBytes = 0;
  for (let at = 0; at < stream.length; at += CHUNK_BYTES) {
    decoder.feed(stream, at, Math.min(at + CHUNK_BYTES, stream.length));
    while (decoder.next() === 'piece') {
      payloadBytes += decoder.end - decoder.start;
      if (decoder.last) frames += 1;
    }
  }
  if (frames !== FRAMES || payloadBytes !== FRAMES * PAYLOAD_BYTES)
    throw new Error(`decoded ${frames} frames`);
}
