/**
 * A DataView of the byte array that was asked for last: an engine reads into one buffer and sends from one buffer, so
 * nothing is allocated per frame. To read or write a number through it is one instruction, byte by byte it is a dozen.
 */
export class ByteView {
  #bytes: Uint8Array | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}
