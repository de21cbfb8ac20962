import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,contract,e2e}/**/*.test.ts'],
    globalSetup: ['test/helpers/build-dist.ts'],
    // Two cores, and some tests start processes of their own: waiting in line beats fighting for the CPU.
    maxWorkers: 2,
    // A test that needs more than a small machine has fails here too.
    execArgv: ['--max-old-space-size=900'],
    // Limits against hanging, not against a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
