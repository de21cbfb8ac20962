import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a build reads, beside the packages. */
const SOURCES = [
  'cli',
  'library',
  'local',
  'shared',
  'lambdas',
  'web',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** Builds everything that is shipped in a copy of the sources, and gives the hash of each file. */
function build(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-build-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const source of SOURCES) {
    if (existsSync(join(ROOT, source))) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const script of ['build', 'sbom', 'build-lambdas']) {
    execFileSync(process.execPath, [`scripts/${script}.mjs`], { cwd: folder, stdio: 'pipe' });
  }
  // What V8 compiled for this machine alone is not shipped.
  const files = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true }).filter(
    (file) => file.isFile() && !/-body\.cjs\.v/.test(file.name),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [path.slice(folder.length), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

describe('What is shipped', () => {
  it('is the same, byte by byte, when it is built twice in two places', () => {
    const first = build();
    expect(Object.keys(first)).toEqual(
      expect.arrayContaining(['/dist/portfleet.mjs', '/dist/worker-body.cjs', '/dist/sbom.cdx.json']),
    );
    expect(build()).toEqual(first);
  });
});
