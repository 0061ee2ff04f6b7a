/** A value that a profile key refuses; the message shows the value and the accepted ones. */
export class ValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ValueError';
  }
}
