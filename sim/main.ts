import { parseArgs } from 'node:util';
import { pageParts } from './page.ts';
import { allRows } from './rows.ts';
import { writeParts } from './write-parts.ts';

const { values } = parseArgs({ options: { 'write-docs': { type: 'boolean', default: false } } });

const parts = pageParts(await allRows());
process.stdout.write(`${Object.values(parts).join('\n\n')}\n`);
if (values['write-docs']) writeParts('scale.md', parts);
