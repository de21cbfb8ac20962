import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    globalSetup: ['test/helpers/build-dist.ts'],
    // One after the other: each of these files starts emulators and functions of its own, and there are two cores.
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 600_000,
  },
});
