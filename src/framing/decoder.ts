import { DelimiterDecoder } from './delimiter-decoder.ts';
import { FixedDecoder } from './fixed-decoder.ts';
import type { FrameDecoder } from './frame-decoder.ts';
import type { FrameFormat } from './frame-format.ts';
import { hasFixedHeader } from './length-header.ts';
import { LengthPrefixDecoder } from './length-prefix-decoder.ts';
import { StreamDecoder } from './stream-decoder.ts';
import { VarintDecoder } from './varint-decoder.ts';

export type { DecoderResult, FrameDecoder } from './frame-decoder.ts';

/**
 * A decoder for one direction of one connection.
 * @param maxPayloadBytes a frame with a larger payload is `oversize`; without meaning for `none`
 */
export function createDecoder(format: FrameFormat, maxPayloadBytes: number): FrameDecoder {
  switch (format.kind) {
    case 'length':
      return hasFixedHeader(format)
        ? new LengthPrefixDecoder(format, maxPayloadBytes)
        : new VarintDecoder(format, maxPayloadBytes);
    case 'delimiter':
      return new DelimiterDecoder(format.delimiter, maxPayloadBytes);
    case 'fixed':
      return new FixedDecoder(format.payloadBytes, maxPayloadBytes);
    case 'none':
      return new StreamDecoder();
    default:
      throw format satisfies never;
  }
}
