import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/infra/**/*.test.ts'],
    maxWorkers: 2,
    // The first test of a file loads the CDK, and one of them runs its command.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
