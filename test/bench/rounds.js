/** Rounds that are measured, after as many that only warm the compiler up. */
const ROUNDS = 9;

/**
 * Median nanoseconds of one operation.
 * @param {number} operations how many operations a call of `run` does
 * @param {() => void} run
 */
export function medianNs(operations, run) {
  const times = [];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const start = performance.now();
    run();
    if (round >= ROUNDS) times.push(((performance.now() - start) * 1e6) / operations);
  }
  times.sort((a, b) => a - b);
  return times[ROUNDS >> 1];
}

/** Prints a line: what was measured, and how long one takes. */
export function printNs(what, ns) {
  console.log(`  ${what.padEnd(44)} ${ns.toFixed(1).padStart(9)} ns`);
}

/** Prints a line: what was measured, and how many are done in a second. */
export function printRate(what, ns, unit) {
  console.log(`  ${what.padEnd(44)} ${(1000 / ns).toFixed(1).padStart(9)} million ${unit}/s`);
}
