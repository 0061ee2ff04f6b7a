import { defineConfig } from 'vitest/config';

/**
 * Tests that take long: they wait for the kernel's own timers, judge times, or repeat much. They run one file after the
 * other, so as not to delay each other.
 */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 90_000,
  },
});
