import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/portfleet-bench', import.meta.url));

/** The program that a C source file of the bench makes, compiled once for each text of it. Rejects with gcc's words. */
export async function compiled(source: URL): Promise<string> {
  const path = fileURLToPath(source);
  const text = readFileSync(path);
  const program = `${CACHE}/${basename(path, '.c')}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  // Two test files may compile at once: each writes its own file, and the rename is atomic.
  const draft = `${program}.${process.pid}`;
  await runCommand('gcc', ['-O2', '-Wall', '-o', draft, path]);
  renameSync(draft, program);
  return program;
}
