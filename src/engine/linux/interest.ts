import { EPOLLOUT } from './abi.ts';
import type { Epoll } from './epoll.ts';
import type { SlotTable } from './slot-table.ts';

/** What epoll watches each slot's descriptor for, and which slot an event is about. */
export class Interest {
  readonly #epoll: Epoll;
  readonly #slots: SlotTable;
  /** Filled anew for each call. */
  readonly #tag = { slot: 0, generation: 0 };

  constructor(epoll: Epoll, slots: SlotTable) {
    this.#epoll = epoll;
    this.#slots = slots;
  }

  /** Begins to watch a slot that dials. False where the kernel has no room for one more; errno tells. */
  add(slot: number): boolean {
    return this.#epoll.add(this.#slots.fd[slot] as number, EPOLLOUT, this.#tagOf(slot));
  }

  /** Watches for what the slot is read for, and for room to write where it has a send under way. */
  refresh(slot: number, writes: boolean): void {
    this.watch(slot, this.#slots.readInterest(slot) | (writes ? EPOLLOUT : 0));
  }

  watch(slot: number, interest: number): void {
    if (this.#slots.interest[slot] === interest) return;
    this.#slots.interest[slot] = interest;
    this.#epoll.modify(this.#slots.fd[slot] as number, interest, this.#tagOf(slot));
  }

  /** The slot that the turn's event is about; NO_SLOT where it is about the slot's last connection. */
  slotOf(event: number): number {
    const slot = this.#epoll.slot(event);
    return this.#slots.generation[slot] === this.#epoll.generation(event) ? slot : NO_SLOT;
  }

  #tagOf(slot: number): { slot: number; generation: number } {
    this.#tag.slot = slot;
    this.#tag.generation = this.#slots.generation[slot] as number;
    return this.#tag;
  }
}

export const NO_SLOT = -1;
