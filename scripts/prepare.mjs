/**
 * What npm runs after an installation from the source. Where the tools were left out (npm ci --omit=dev) there is nothing
 * to build with: the installation stands, and says what is missing.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

let hasTools = true;
try {
  createRequire(import.meta.url).resolve('esbuild');
} catch {
  hasTools = false;
}
if (hasTools) {
  await import('./build.mjs');
  await import('./sbom.mjs');
} else if (!existsSync(new URL('../dist/portfleet.mjs', import.meta.url))) {
  console.warn(
    'portfleet: not built, because the development packages were left out. Run "npm ci", or install the tarball of "npm pack".',
  );
}
