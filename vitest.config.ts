import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,contract}/**/*.test.ts'],
    // Two cores, and some tests start processes of their own: waiting in line beats fighting for the CPU.
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
