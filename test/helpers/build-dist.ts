import { execFileSync } from 'node:child_process';

/** The bundles are what users run, so they are what these tests run: built once, before the first test. */
export default function buildDist(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
