import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory that lives as long as the test that asks for it. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'portfleet-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
