import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectInDocs } from '../helpers/docs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What each part may import, beside itself. Parts not named here are not part of the program. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'shared/domain': [],
  'shared/seams': ['shared/domain'],
  'shared/request': ['shared/domain', 'shared/seams'],
  'shared/plan': ['shared/domain', 'shared/seams'],
  'shared/engine': ['shared/domain', 'shared/seams'],
  'shared/identify': ['shared/domain', 'shared/seams', 'shared/engine'],
  'shared/report': ['shared/domain', 'shared/request'],
  'shared/usecases': [
    'shared/domain',
    'shared/seams',
    'shared/request',
    'shared/plan',
    'shared/engine',
    'shared/identify',
    'shared/report',
  ],
  'shared/api': ['shared/domain', 'shared/seams', 'shared/request', 'shared/plan', 'shared/report', 'shared/usecases'],
  'shared/net': ['shared/domain', 'shared/seams', 'shared/identify/protocols'],
  'shared/records': ['shared/domain'],
  lambdas: ['shared'],
  local: ['shared'],
  cli: ['shared', 'local'],
  cdk: ['shared/domain/limits.ts'],
};

const SOURCES = [...new Set(Object.keys(MAY_IMPORT).map((part) => part.split('/')[0] ?? ''))];

const IMPORT = /^\s*(?:import|export)\b[^'"]*?\bfrom\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function filesBelow(directory: string): string[] {
  try {
    return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|tsx)$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(directory, file));
  } catch {
    return [];
  }
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    const to = target.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), target)) : target;
    return { from: file, to, typeOnly: /^\s*(import|export)\s+type\b/.test(match[0]) };
  });
}

const files = SOURCES.flatMap(filesBelow);
const imports = files.flatMap(importsOf);
const isOurs = ({ to }: Import): boolean => SOURCES.some((part) => to.startsWith(`${part}/`));

const partOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((part) => file.startsWith(`${part}/`));

/** Arrows of the picture: what each part really imports. */
function arrows(): Map<string, Set<string>> {
  const drawn = new Map<string, Set<string>>();
  for (const each of imports.filter(isOurs)) {
    const [from, to] = [partOf(each.from), partOf(each.to)];
    if (from && to && from !== to) drawn.set(from, (drawn.get(from) ?? new Set()).add(to));
  }
  return drawn;
}

describe('imports', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('run one way: no part imports what it may not', () => {
    const forbidden = imports.filter(isOurs).filter(({ from, to }) => {
      const part = partOf(from);
      const allowed = part === undefined ? [] : [part, ...(MAY_IMPORT[part] ?? [])];
      return !allowed.some((prefix) => to === prefix || to.startsWith(`${prefix}/`));
    });
    expect(forbidden.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('leave the domain alone: it imports nothing from outside, not even from Node', () => {
    const outside = imports.filter(({ from }) => from.startsWith('shared/domain/')).filter((each) => !isOurs(each));
    expect(outside).toEqual([]);
  });

  it('leave the pure parts without sockets, files and processes', () => {
    const pure = ['seams', 'request', 'plan', 'engine', 'identify', 'report', 'usecases', 'api'].map(
      (part) => `shared/${part}`,
    );
    const impure = imports.filter(
      ({ from, to }) => pure.some((part) => from.startsWith(`${part}/`)) && to.startsWith('node:'),
    );
    expect(impure.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('form no cycle of files', () => {
    const next = new Map<string, string[]>();
    for (const { from, to } of imports.filter(isOurs).filter(({ typeOnly }) => !typeOnly)) {
      next.set(from, [...(next.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const each of next.get(file) ?? []) walk(each, [...path, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    expect(cycles).toEqual([]);
  });

  it('are drawn as they are in docs/architecture.md', () => {
    const picture = [...arrows()]
      .map(([from, to]) => `${from} → ${[...to].sort().join(', ')}`)
      .sort()
      .join('\n');
    expectInDocs('docs/architecture.md', 'imports', `\`\`\`\n${picture}\n\`\`\``);
  });
});

describe('files', () => {
  const sizes = files
    .filter((file) => file !== 'shared/domain/registry/service-table.ts')
    .map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length }));

  it('have fewer than 300 lines, and half of them fewer than 120', () => {
    expect(sizes.filter(({ lines }) => lines > 300)).toEqual([]);
    const ordered = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(ordered[Math.floor(ordered.length / 2)]).toBeLessThan(120);
  });
});
