import { present } from '../../base/assert.ts';
import type { Random } from '../../base/random.ts';

/**
 * Deals connections out to classes so that after any number n of them each class i holds its share s_i of n, give or
 * take less than one, whatever the shares are.
 *
 * The method is the one that proves the bound of the chairman assignment problem. With k classes let
 * D = 1 - 1/(2k - 2). Class i holds x_i. Step n may go to every class that it does not overfill
 * (n s_i - x_i >= 1 - D); among these it goes to the one whose deadline (x_i + D) / s_i, the last step at which it is
 * not yet underfilled, comes first. Then |n s_i - x_i| <= D < 1 at every step.
 *
 * A seed shifts where the pattern begins: one class starts ahead by what the others start behind, by less than
 * 1 - D in all, so that the sum of both deviations stays below one.
 * Source: R. Tijdeman, "The chairman assignment problem", Discrete Mathematics 32 (1980), 323-330.
 */
export class ShareRule {
  readonly #shares: readonly number[];
  /** How far each class stands from its share's line; counted as if dealt out before the first step. */
  readonly #dealt: number[];
  readonly #deviationMax: number;
  #steps: number = 0;

  /** @param shares fractions above 0; what they leave of the whole is the last class. */
  constructor(shares: readonly number[], random: Random) {
    const rest = 1 - shares.reduce((sum, share) => sum + share, 0);
    this.#shares = rest > ROUNDING ? [...shares, rest] : [...shares];
    const classes = this.#shares.length;
    this.#deviationMax = classes === 1 ? 1 : 1 - 1 / (2 * classes - 2);
    this.#dealt = phases(classes, 1 - this.#deviationMax, random);
  }

  /** The class of the next connection: the index of its share, or `shares.length` for the rest. */
  next(): number {
    this.#steps++;
    const chosen = this.#firstDeadline();
    this.#dealt[chosen] = present(this.#dealt[chosen], 'a class') + 1;
    return chosen;
  }

  #firstDeadline(): number {
    let chosen = 0;
    let earliest = Infinity;
    this.#shares.forEach((share, index) => {
      const dealt = this.#dealt[index] ?? 0;
      const deadline = (dealt + this.#deviationMax) / share;
      const mayTake = this.#steps * share - dealt >= 1 - this.#deviationMax - ROUNDING;
      if (!mayTake || deadline >= earliest) return;
      chosen = index;
      earliest = deadline;
    });
    return chosen;
  }
}

/** Picks a share of the frames: after n of them it has picked n times the share, give or take less than one. */
export class FrameShare {
  readonly #share: number;
  #sum: number;

  constructor(share: number, random: Random) {
    this.#share = share;
    this.#sum = share === 1 ? 0 : random.fraction();
  }

  /** Whether the next frame is one of them. */
  take(): boolean {
    this.#sum += this.#share;
    if (this.#sum < 1 - ROUNDING) return false;
    this.#sum -= 1;
    return true;
  }
}

/** Deviations of the classes at the start: they add up to 0, and none is larger than `most`. */
function phases(classes: number, most: number, random: Random): number[] {
  if (classes === 1) return [0];
  const ahead = random.below(classes);
  const each = most / (classes - 1);
  const behind = Array.from({ length: classes }, (_, index) =>
    index === ahead ? 0 : random.fraction() * each,
  );
  const sum = behind.reduce((total, part) => total + part, 0);
  return behind.map((part, index) => (index === ahead ? sum : -part));
}

/** Shares are decimal fractions, which doubles do not hold exactly. */
const ROUNDING = 1e-9;
