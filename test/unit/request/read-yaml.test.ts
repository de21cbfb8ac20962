import { describe, expect, it } from 'vitest';
import { readSettingsFile } from '../../../cli/settings/read-settings-file.ts';
import { readYaml } from '../../../shared/request/read-yaml.ts';

const lines = (levels: number, line: (level: number) => string): string =>
  Array.from({ length: levels }, (_, level) => line(level)).join('\n');

/** Documents of so many levels, each in another of YAML's ways to nest. */
const NESTED: readonly [way: string, document: (levels: number) => string][] = [
  ['lists in brackets', (levels) => '['.repeat(levels) + ']'.repeat(levels)],
  ['lists in brackets, on lines of their own', (levels) => '[\n'.repeat(levels) + ']\n'.repeat(levels)],
  ['brackets that never close', (levels) => '['.repeat(levels)],
  ['mappings in braces', (levels) => `${'{a: '.repeat(levels)}1${'}'.repeat(levels)}`],
  ['lists in a line', (levels) => `${'- '.repeat(levels)}x`],
  ['keys in a line', (levels) => `${'? '.repeat(levels)}x`],
  ['indented mappings', (levels) => lines(levels, (level) => `${' '.repeat(level)}a:`)],
  [
    'indented mappings, and out of them again',
    (levels) => `${lines(levels, (level) => `${' '.repeat(level)}a:`)}\nb: 1\n`,
  ],
  ['lists under keys', (levels) => lines(levels / 2, (level) => `${' '.repeat(level * 2)}- a:`)],
  ['mappings behind tags and anchors', (levels) => lines(levels, (level) => `${' '.repeat(level)}a: !t &x`)],
];

describe('a text in YAML', () => {
  it.each(NESTED)('of 100,000 levels by %s is refused in words, and the process lives', (_, document) => {
    // An indentation of 100,000 columns a line would be gigabytes; 2,000 levels are above what the package's stack holds.
    const text = document(document(10).includes('  ') ? 2_000 : 100_000);
    const { errors, contents } = readYaml(text);
    expect(errors.map((error) => error.message)).toEqual(['It is nested too deeply']);
    expect(contents).toBeNull();
  });

  it.each(NESTED.filter(([way]) => !way.includes('never')))('of 40 levels by %s is read', (_, document) => {
    expect(readYaml(document(40)).errors).toEqual([]);
  });

  it('may hold brackets, dashes and indentation in its words, its comments and its blocks of text', () => {
    const text = [
      `quoted: "${'['.repeat(500)}"`,
      `plain: a${'['.repeat(500)}`,
      `# ${'['.repeat(500)}`,
      'block: |',
      ...Array.from({ length: 200 }, (_, at) => `  ${' '.repeat(at)}- [`),
      `wide:${' '.repeat(500)}1`,
      'after: [a, b]',
    ].join('\n');
    const document = readYaml(text);
    expect(document.errors).toEqual([]);
    expect(document.get('wide')).toBe(1);
  });

  it('may have any number of items side by side, and of documents that open and close', () => {
    expect(readYaml('- - a\n  - b\n'.repeat(1_000)).errors).toEqual([]);
    expect(readYaml(lines(1_000, (at) => `k${at}:\n  b: [1, {c: 2}]`)).errors).toEqual([]);
  });

  it('of settings that is nested too deeply is told with its line', () => {
    const text = `timing: 4\nexclude: ${'['.repeat(5_000)}`;
    const { errors } = readSettingsFile({ kind: 'user', shown: 'config.yaml', folder: '/', home: '/', text });
    expect(errors.length).toBe(1);
    expect(errors[0]?.detail).toContain('It is nested too deeply.');
    expect(errors[0]?.at?.field).toBe('config.yaml:2:');
  });
});
