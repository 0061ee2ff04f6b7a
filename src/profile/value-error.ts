/** A value that a profile key refuses; the message shows the value and the accepted ones. */
export class ValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ValueError';
  }
}

/** What is wrong with one entry of a list. */
export interface EntryFault {
  /** From 0. */
  index: number;
  message: string;
}

/** A list of which some entries are refused; all of them are told, each with its place. */
export class EntriesError extends ValueError {
  readonly faults: readonly EntryFault[];

  constructor(faults: readonly EntryFault[]) {
    super(faults.map(({ message }) => message).join('; '));
    this.name = 'EntriesError';
    this.faults = faults;
  }
}
