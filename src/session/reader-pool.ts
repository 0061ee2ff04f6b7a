import { FrameReader, type ReaderClient, type ReaderContext, type ReadResult } from './frame-reader.ts';

/**
 * The frame readers of a shard. A connection has one of its own only while it is in the middle of a frame; all others
 * share the one that is used last, whose memory is at hand.
 */
export class ReaderPool {
  readonly #idle: FrameReader[] = [];

  /** A reader that is between two frames, turned to this connection. */
  take(context: ReaderContext, client: ReaderClient): FrameReader {
    const reader = this.#idle.pop();
    if (reader === undefined) return new FrameReader(context, client);
    reader.bind(client);
    return reader;
  }

  /**
   * What a connection keeps of its reader after a chunk: the reader itself in the middle of a frame, else nothing. One
   * that met a fault follows no stream any more.
   */
  settle(reader: FrameReader, result: ReadResult): FrameReader | null {
    if (reader.midFrame) return reader;
    if (result === 'ok') this.#idle.push(reader);
    return null;
  }
}
