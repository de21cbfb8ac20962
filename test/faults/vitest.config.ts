import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/helpers/build-dist.ts'],
    fileParallelism: false,
    // Against hanging: a round is bounded by its own number of resumes.
    testTimeout: 900_000,
    hookTimeout: 300_000,
  },
});
