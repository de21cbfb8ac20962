import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/infra/**/*.test.ts'],
    maxWorkers: 2,
    // Here is what takes long and needs Node alone: the CDK, whole fleets and lossy networks in virtual time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
