import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/**
 * The part of a page between `<!-- name -->` and `<!-- /name -->` says what the code says. `npm run docs` writes such
 * parts anew.
 */
export function expectInDocs(page: string, name: string, text: string): void {
  const path = fileURLToPath(new URL(`../../${page}`, import.meta.url));
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const before = readFileSync(path, 'utf8');
  const [start, end] = [before.indexOf(open) + open.length, before.indexOf(close)];
  expect(start >= open.length && end >= start, `${page} has no part "${name}"`).toBe(true);
  if (process.env['WRITE_DOCS']) writeFileSync(path, `${before.slice(0, start)}${text}\n${before.slice(end)}`);
  else expect(before.slice(start, end), `${page} is behind the code: run "npm run docs"`).toBe(`${text}\n`);
}
