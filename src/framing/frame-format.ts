/** How the length of a frame is told, as parsed from a `--frame` form. */
export type FrameFormat =
  | LengthFrameFormat
  | { kind: 'delimiter'; delimiter: Uint8Array }
  | { kind: 'fixed'; payloadBytes: number }
  | { kind: 'none' };

export interface LengthFrameFormat {
  kind: 'length';
  width: 'u8' | 'u16' | 'u32' | 'u64' | 'varint';
  littleEndian: boolean;
  /** `+header`: the length counts the header too. */
  countsHeader: boolean;
  /** `@N`: the length field starts at this byte of the header. */
  lengthOffset: number;
  /** `@N/H`: size of the whole header; 0 for a varint without `/H`, whose header ends with its length field. */
  headerBytes: number;
}
