import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/web/**/*.test.ts'],
    globalSetup: ['test/helpers/build-dist.ts'],
    // A browser and a server with its workers for each file: two cores have enough to do with one of them.
    fileParallelism: false,
    // Limits against hanging, not against a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
