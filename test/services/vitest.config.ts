import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/services/**/*.test.ts'],
    // One server after another: a broker that starts beside a database on two cores says nothing in time.
    fileParallelism: false,
    // Limits against hanging, not against a slow machine.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
