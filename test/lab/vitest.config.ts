import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/lab/**/*.test.ts'],
    // Each lab wants the machine for itself: a scanner starved of CPU says nothing about the scanner.
    fileParallelism: false,
    // Limits against hanging, not against a slow machine. Silence is told from loss by waiting, and nmap waits long.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
