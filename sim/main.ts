import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pageParts } from './page.ts';
import { allRows } from './rows.ts';

const PAGE = fileURLToPath(new URL('../docs/scale.md', import.meta.url));

const { values } = parseArgs({ options: { 'write-docs': { type: 'boolean', default: false } } });

const parts = pageParts(await allRows());
process.stdout.write(`${Object.values(parts).join('\n\n')}\n`);
if (values['write-docs']) writeFileSync(PAGE, withParts(readFileSync(PAGE, 'utf8'), parts));

/** The page with each part between its markers in place of what was there. */
function withParts(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`docs/scale.md has lost its part "${name}"`);
    return `${text.slice(0, start + open.length)}${part}\n${text.slice(end)}`;
  }, page);
}
