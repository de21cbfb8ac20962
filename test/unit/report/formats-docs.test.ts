import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIFF_FORMATS } from '../../../shared/report/diff/diff-format.ts';
import { parseExpectFile } from '../../../shared/report/expectations/parse-expect.ts';
import { FORMATS, formatReport } from '../../../shared/report/formats/format.ts';
import { OPTIONS, report, tcp, whole } from '../../helpers/sample-report.ts';

const docs = (file: string): string => readFileSync(new URL(`../../../docs/${file}`, import.meta.url), 'utf8');

describe('docs/formats.md', () => {
  const text = docs('formats.md');

  it('has a chapter for every format, and names those of a difference', () => {
    expect([...text.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)).toEqual([
      ...Object.keys(FORMATS),
      'Differences',
    ]);
    const differences = text.slice(text.indexOf('## Differences'));
    for (const name of Object.keys(DIFF_FORMATS)) expect(differences).toContain(`\`${name}\``);
  });

  it('shows the header that the CSV really has', async () => {
    const csv = await whole(formatReport('csv', report([], tcp([1, 1])), OPTIONS));
    expect(text).toContain(`\n${csv.trimEnd()}\n`);
  });
});

describe('docs/ci.md', () => {
  it('shows a file of expected ports that can be read', async () => {
    const [, yaml = ''] = /```yaml\n(# expected-ports\.yaml\n[\s\S]*?)```/.exec(docs('ci.md')) ?? [];
    const read = await parseExpectFile(yaml, 'expected-ports.yaml');
    expect(read.ok && read.value.rules.map(({ target, scope }) => `${scope} ${target}`)).toEqual([
      'host www.example.com',
      'block 10.20.0.0/24',
      'host 10.20.0.7',
    ]);
  });
});
