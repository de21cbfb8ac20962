import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/e2e/**/*.test.ts'],
    // `npm test` runs these.
    exclude: ['test/e2e/{scan,help}.test.ts'],
    globalSetup: ['test/helpers/build-dist.ts'],
    // The commands wait for scans with a rate more than they compute.
    maxWorkers: 3,
    isolate: false,
    // Limits against hanging, not against a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
