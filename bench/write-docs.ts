import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { picture } from './picture.ts';
import { type BenchResult, keepResults, loadOf } from './results.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { markdownTable } from './table.ts';

const PAGE = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const PICTURE = fileURLToPath(new URL('../docs/performance.svg', import.meta.url));
const BEGIN = '<!-- The bench writes from here (npm run bench -- --write-docs) -->';
const END = '<!-- to here. -->';

/** Renews the measured part of docs/performance.md, and its picture; the words around it stay as they are. */
export function writeDocs(fresh: readonly BenchResult[]): void {
  const results = keepResults(fresh);
  writeFileSync(PICTURE, picture(results));
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/performance.md has lost the lines "${BEGIN}" and "${END}"`);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${sectionsOf(results)}${END}${after}`);
}

const sectionsOf = (results: readonly BenchResult[]): string =>
  SCENARIOS.map(({ name, title, bound, note }) => {
    const result = results.find(({ scenario }) => scenario === name);
    const body = result
      ? `${markdownTable(result.rows)}\n${result.measured}, ${result.machine}; ${loadOf(result.rows)}.`
      : 'Not measured yet.';
    return `### \`${name}\`: ${title}\n\n${body}\n\nBounded by: ${bound}.${note ? `\n\n${note}` : ''}\n\n`;
  }).join('');
