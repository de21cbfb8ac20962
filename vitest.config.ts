import { defineConfig } from 'vitest/config';
import { BEYOND_NODE } from './test/contract/vitest.config.ts';

export default defineConfig({
  test: {
    // A real scan and the way in are among them; what else starts the whole command is test:e2e.
    include: ['test/{unit,contract}/**/*.test.ts', 'test/e2e/{scan,help}.test.ts'],
    // `npm run test:emulators` has what needs more than Node.
    exclude: [BEYOND_NODE],
    globalSetup: ['test/helpers/build-dist.ts'],
    // One more than a small machine has cores: a file that waits for a process or a timeout costs the others nothing.
    maxWorkers: 3,
    // A test that needs more than a small machine has fails here too. Young objects get 32 MB, twice the usual: the virtual
    // network makes many, which most live shorter than that.
    execArgv: ['--max-old-space-size=900', '--max-semi-space-size=32'],
    // The files that a worker runs share the modules it has loaded: no module of the program has state of its own.
    isolate: false,
    // What was translated once is not translated again: CI runs the same files under several releases of Node.
    experimental: { fsModuleCache: true },
    // Limits against hanging, not against a slow machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
