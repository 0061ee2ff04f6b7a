/** Largest payload of any frame, sent or accepted: what a single Buffer and one shard's memory carry with ease. */
export const PAYLOAD_BYTES_MAX: number = 256 * 1024 * 1024;

/** Longest delimiter: bounds what a decoder compares at a cut, and leaves text stamps letters to choose from. */
export const DELIMITER_BYTES_MAX = 16;

/** Longest header of a length-prefixed frame; far above any protocol in use, and far below an accident. */
export const HEADER_BYTES_MAX = 4096;

/**
 * Longest LEB128 number: ten groups of seven bits hold 64.
 * Source: Protocol Buffers, "Encoding", section "Base 128 Varints".
 */
export const VARINT_BYTES_MAX = 10;

/** Largest `sigma` of a lognormal size: already at 5 one sample in forty is 18,000 times the median. */
export const SIGMA_MAX = 5;
