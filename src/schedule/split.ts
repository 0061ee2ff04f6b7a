/**
 * The `part`-th of `parts` shares of `whole` things: shares differ by at most one and add up to the whole exactly.
 * Part p gets the things whose number is p modulo `parts`.
 */
export function share(whole: number, part: number, parts: number): number {
  return Math.floor(whole / parts) + (part < whole % parts ? 1 : 0);
}
