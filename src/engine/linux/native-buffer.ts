import type { Libc } from './libc.ts';

/** A buffer whose address the kernel is given; it must outlive every call that uses the address. */
export class NativeBuffer {
  readonly bytes: Buffer;
  readonly address: number;

  constructor(libc: Libc, length: number) {
    this.bytes = Buffer.from(new ArrayBuffer(length));
    this.address = libc.address(this.bytes);
  }
}
