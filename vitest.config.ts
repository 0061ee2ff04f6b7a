import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**'],
    testTimeout: 20_000,
    // Most of the suite's time is waiting on sockets: two files at a time use a small machine better than one.
    maxWorkers: 2,
  },
});
