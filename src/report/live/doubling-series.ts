/**
 * The course of a figure over a run of any length in a bounded number of points. Each point is the highest of the
 * values in its span. When all points are taken, neighbours are joined two by two and the span doubles, so a series
 * costs the same memory after a second and after a week, and a peak is never smoothed away.
 */
export class DoublingSeries {
  readonly #capacity: number;
  #points: (number | null)[] = [];
  #valuesPerPoint: number = 1;
  #valuesInLast: number = 0;

  /** @param capacity an even number of points, at least 2 */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Appends a value; null: there was none, which leaves a gap where its whole span has none. */
  add(value: number | null): void {
    if (this.#points.length === 0 || this.#valuesInLast === this.#valuesPerPoint) this.#beginPoint();
    const last = this.#points.length - 1;
    this.#points[last] = highest(this.#points[last] ?? null, value);
    this.#valuesInLast++;
  }

  /** Oldest first, at most `capacity` of them. */
  get points(): readonly (number | null)[] {
    return this.#points;
  }

  /** How many values a point is the highest of; the last one may still have fewer. */
  get valuesPerPoint(): number {
    return this.#valuesPerPoint;
  }

  #beginPoint(): void {
    if (this.#points.length === this.#capacity) {
      this.#points = Array.from({ length: this.#capacity / 2 }, (_, index) =>
        highest(this.#points[index * 2] ?? null, this.#points[index * 2 + 1] ?? null),
      );
      this.#valuesPerPoint *= 2;
    }
    this.#points.push(null);
    this.#valuesInLast = 0;
  }
}

function highest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
