import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What needs more than Node: DynamoDB Local (Java), the emulator of AWS and schemathesis (Python). */
export const BEYOND_NODE = 'test/contract/{aws,deployed-watches,account-*,schemathesis}.test.ts';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: [BEYOND_NODE],
    globalSetup: ['test/helpers/build-dist.ts'],
    maxWorkers: 2,
    isolate: false,
    experimental: { fsModuleCache: true },
    // Limits against hanging, not against a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
