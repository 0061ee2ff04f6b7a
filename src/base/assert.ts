/**
 * Crashes when `condition` does not hold: for bugs of Tidemark only, never for what a target or a user did.
 * On a path taken per frame `what` is a constant: a template would be built every time, whether it is needed or not.
 * @throws {Error} "Assertion failed: ..." when the condition is false
 */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${what}`);
}

/**
 * The value, or a crash where the code's own logic says that it cannot be missing.
 * @throws {Error} when the value is undefined or null
 */
export function present<T>(value: T | undefined | null, what: string): T {
  assert(value !== undefined && value !== null, `${what} is missing`);
  return value;
}
