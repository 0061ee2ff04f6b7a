/**
 * The highest probability of an event that was not seen in any of `trials`, with the confidence asked for: the p at which
 * (1 - p)^trials = 1 - confidence. At 95% and many trials this is 3 / trials, the rule of three. 1 where nothing was tried.
 * Source: J. Hanley, A. Lippman-Hand, J. Am. Med. Assoc. 249 (1983), 1743.
 * @example zeroEventsBound(1000, 0.95) // 0.00299
 */
export function zeroEventsBound(trials: number, confidence: number): number {
  return trials === 0 ? 1 : -Math.expm1(Math.log(1 - confidence) / trials);
}
