import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectInDocs } from '../helpers/docs.ts';
import {
  circles,
  exportedTypes,
  folderPage,
  grouped,
  importsOf,
  type SourceFile,
  type SourceImport,
  sourceFiles,
} from '../helpers/program.ts';

/** What each part may import, beside itself; a part inside another one stands before it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'shared/domain': [],
  'shared/seams': ['shared/domain'],
  'shared/request': ['shared/domain', 'shared/seams'],
  'shared/plan': ['shared/domain', 'shared/seams', 'shared/engine/forecast.ts', 'shared/engine/target/icmp-limit.ts'],
  'shared/engine': ['shared/domain', 'shared/seams'],
  'shared/identify': ['shared/domain', 'shared/seams', 'shared/engine'],
  'shared/report': ['shared/domain', 'shared/seams/turn.ts', 'shared/request'],
  'shared/watch': ['shared/domain', 'shared/seams', 'shared/request', 'shared/report'],
  'shared/usecases': [
    'shared/domain',
    'shared/seams',
    'shared/request',
    'shared/plan',
    'shared/engine',
    'shared/identify',
    'shared/report',
    'shared/watch',
  ],
  'shared/api': [
    'shared/domain',
    'shared/seams',
    'shared/request',
    'shared/plan',
    'shared/records',
    'shared/report',
    'shared/watch',
    'shared/usecases',
  ],
  'shared/net': ['shared/domain', 'shared/seams', 'shared/identify/protocols'],
  'shared/records': ['shared/domain'],
  'lambdas/aws': ['shared'],
  lambdas: ['shared', 'lambdas/aws'],
  local: ['shared'],
  library: ['shared', 'local'],
  cli: ['shared', 'local'],
  web: ['shared/domain', 'shared/request', 'shared/plan', 'shared/report', 'shared/records', 'shared/api'],
  cdk: ['shared/domain/limits.ts'],
  sim: ['shared', 'lambdas', 'cli', 'cdk'],
  bench: [
    'shared/domain',
    'shared/net',
    'shared/request',
    'shared/report',
    'shared/watch',
    'shared/usecases',
    'shared/api',
    'local',
    'test/fixtures',
    'test/services',
  ],
};

const PARTS = Object.keys(MAY_IMPORT);
const ROOTS = [...new Set(PARTS.map((part) => part.split('/')[0] ?? ''))];

const files = sourceFiles(ROOTS);
const imports = files.flatMap(importsOf);
const isOurs = ({ to }: SourceImport): boolean => [...ROOTS, 'test'].some((root) => to.startsWith(`${root}/`));

const isBelow = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);
const partOf = (file: string): string | undefined => PARTS.find((part) => isBelow(file, part));
const filesOf = (part: string): SourceFile[] => files.filter(({ path }) => partOf(path) === part);
const partsThere = PARTS.filter((part) => filesOf(part).length > 0);

/** What each part really imports of the others. */
const arrows: readonly SourceImport[] = partsThere.flatMap((from) => {
  const targets = imports.filter((each) => partOf(each.from) === from).map(({ to }) => partOf(to));
  return [...new Set(targets)]
    .filter((to) => to !== undefined && to !== from)
    .map((to) => ({ from, to: to as string }));
});
const targetsOf = (part: string): string[] => arrows.filter(({ from }) => from === part).map(({ to }) => to);

describe('Imports', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('stay within the parts that are named here', () => {
    expect(files.filter(({ path }) => partOf(path) === undefined).map(({ path }) => path)).toEqual([]);
  });

  it('run one way: no part imports what it may not', () => {
    const forbidden = imports.filter(isOurs).filter(({ from, to }) => {
      const part = partOf(from) ?? '';
      return ![part, ...(MAY_IMPORT[part] ?? [])].some((prefix) => isBelow(to, prefix));
    });
    expect(forbidden.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('leave the domain alone: it imports nothing from outside, not even from Node', () => {
    const outside = imports.filter(({ from }) => from.startsWith('shared/domain/')).filter((each) => !isOurs(each));
    expect(outside).toEqual([]);
  });

  it('leave the pure parts without sockets, files and processes', () => {
    const impure = imports.filter(({ from, to }) => isPure(partOf(from) ?? '') && to.startsWith('node:'));
    expect(impure.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('form no circle, neither of files, by types alone or not, nor of parts', () => {
    expect(circles(imports.filter(isOurs))).toEqual([]);
    expect(circles(arrows)).toEqual([]);
  });

  it('are drawn as they are in docs/architecture.md', () => {
    expectInDocs('docs/architecture.md', 'imports', `\`\`\`\n${picture()}\n\`\`\``);
  });
});

/** Adapters and what runs them are not pure; everything else of the core is. */
const isPure = (part: string): boolean =>
  part.startsWith('shared/') && !['shared/net', 'shared/records'].includes(part);

/** Parts in rows, each above all that it imports. */
function picture(): string {
  const height = (part: string): number => Math.max(0, ...targetsOf(part).map((to) => height(to) + 1));
  const rows = grouped(partsThere, height);
  const highest = Math.max(...rows.keys());
  const lines = Array.from({ length: highest + 1 }, (_, up) => rows.get(highest - up) ?? []);
  return lines.map((parts) => [...parts].sort().join('   ')).join('\n      ▼\n');
}

describe('Folders', () => {
  it('each begin with a page: what it is, what enters, what leaves, and where to start', () => {
    const wanting = foldersWithPage().filter((folder) => {
      const page = folderPage(folder);
      return page?.title !== `# ${folder}` || !page.what || !page.enters || !page.leaves || !page.start;
    });
    expect(wanting, 'these need a README.md as shared/engine has one').toEqual([]);
  });

  it('name only files that are there', () => {
    const wrong = foldersWithPage().map((folder) => ({ folder, missing: folderPage(folder)?.missing ?? [] }));
    expect(wrong.filter(({ missing }) => missing.length > 0)).toEqual([]);
  });

  it('stand in docs/architecture.md, part by part', () => {
    const rows = partsThere.map((part) => {
      const targets = targetsOf(part)
        .sort()
        .map((to) => to.replace('shared/', ''));
      const what = folderPage(part)?.what ?? '';
      return `| [\`${part}\`](../${part}/README.md) | ${what} | ${targets.join(', ') || '–'} |`;
    });
    const head = '| part | what it is | imports |\n|---|---|---|';
    expectInDocs('docs/architecture.md', 'parts', [head, ...rows].join('\n'));
  });
});

/** The parts, and every folder in them that is too large to be taken in at a glance. */
function foldersWithPage(): string[] {
  const folders = grouped(files, ({ path }) => dirname(path));
  const large = [...folders].filter(([, inside]) => inside.length >= 4).map(([folder]) => folder);
  return [...new Set([...partsThere, ...large])].sort();
}

describe('Type names', () => {
  it('are exported once in the whole program', () => {
    const twice = [...exportedTypes(files)].filter(([, homes]) => homes.length > 1);
    expect(twice.map(([name, homes]) => `${name}: ${homes.join(', ')}`)).toEqual([]);
  });
});

describe('Files', () => {
  /** Tables are as long as what they list. */
  const TABLES = [
    'shared/identify/protocols/all.ts',
    'shared/identify/protocols/kit/http-products.ts',
    'shared/domain/registry/service-table.ts',
    'shared/domain/errors.ts',
    'cli/options/option-table.ts',
  ];
  const isProtocol = (path: string): boolean => path.startsWith('shared/identify/protocols/');

  it('have at most 300 lines, tables apart', () => {
    const long = files.filter(({ path, lines }) => lines > 300 && !TABLES.includes(path));
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  it('are subjects: half of them have more than 50 lines, half fewer than 120, protocols apart', () => {
    const sizes = files.filter(({ path }) => !isProtocol(path)).map(({ lines }) => lines);
    const median = sizes.sort((a, b) => a - b)[Math.floor(sizes.length / 2)];
    expect(median).toBeGreaterThan(50);
    expect(median).toBeLessThan(120);
  });
});
