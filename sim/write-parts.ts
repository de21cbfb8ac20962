import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Writes each part of a page of docs between its markers, in place of what was there. */
export function writeParts(page: string, parts: Readonly<Record<string, string>>): void {
  const path = fileURLToPath(new URL(`../docs/${page}`, import.meta.url));
  const written = Object.entries(parts).reduce(
    (text, [name, part]) => {
      const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
      const [start, end] = [text.indexOf(open), text.indexOf(close)];
      if (start < 0 || end < start) throw new Error(`docs/${page} has lost its part "${name}"`);
      return `${text.slice(0, start + open.length)}${part}\n${text.slice(end)}`;
    },
    readFileSync(path, 'utf8'),
  );
  writeFileSync(path, written);
}
