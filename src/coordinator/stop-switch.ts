/**
 * How a user ends a run early: the first request lets it drain, a second one stops it at once.
 */
export class StopSwitch {
  #requests: number = 0;
  readonly #listeners: ((request: StopRequest) => void)[] = [];

  /** What was asked for so far; null: nothing. */
  get requested(): StopRequest | null {
    if (this.#requests === 0) return null;
    return this.#requests === 1 ? 'drain' : 'stop';
  }

  /** Asks once more. */
  request(): void {
    this.#requests++;
    const { requested } = this;
    if (requested !== null) for (const listener of this.#listeners) listener(requested);
  }

  /** Calls `listener` at every request from now on, and at once when there was one already. */
  onRequest(listener: (request: StopRequest) => void): void {
    this.#listeners.push(listener);
    if (this.requested !== null) listener(this.requested);
  }
}

export type StopRequest = 'drain' | 'stop';
