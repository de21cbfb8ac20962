import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the program, with its text; all paths are relative to the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
}

export interface SourceImport {
  readonly from: string;
  /** A path where the import is one of ours, otherwise the name of a package. */
  readonly to: string;
}

/** All TypeScript below these folders; a folder that is not there yet has none. */
export function sourceFiles(folders: readonly string[]): SourceFile[] {
  return folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, lines: text.split('\n').length - 1 };
    });
}

const IMPORT = /^\s*(?:import|export)\b[^'"]*?\bfrom\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

/** What a file imports, types and what is loaded later as well. */
export function importsOf({ path, text }: SourceFile): SourceImport[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    const to = target.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(path), target)) : target;
    return { from: path, to };
  });
}

const EXPORTED_TYPE = /^export (?:declare )?(?:abstract )?(?:interface|type|class) (\w+)/gm;

/** Every exported type name, with the files that export it under a definition of their own. */
export function exportedTypes(files: readonly SourceFile[]): Map<string, string[]> {
  const homes = new Map<string, string[]>();
  for (const { path, text } of files) {
    for (const [, name = ''] of text.matchAll(EXPORTED_TYPE)) homes.set(name, [...(homes.get(name) ?? []), path]);
  }
  return homes;
}

/** `Map.groupBy`, which Node has from 21 on. */
export function grouped<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Circles in a graph of imports, each as the path that closes it. */
export function circles(imports: readonly SourceImport[]): string[] {
  const next = grouped(imports, ({ from }) => from);
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) found.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (done.has(node) || path.includes(node)) return;
    for (const { to } of next.get(node) ?? []) walk(to, [...path, node]);
    done.add(node);
  };
  for (const node of next.keys()) walk(node, []);
  return found;
}

/** What a folder's README.md says of it. */
export interface FolderPage {
  readonly title: string;
  /** Its first sentence or two, one line. */
  readonly what: string;
  readonly enters: string;
  readonly leaves: string;
  readonly start: string;
  /** Files that it names and that are not there. */
  readonly missing: readonly string[];
}

/** The page that opens a folder; undefined where there is none. */
export function folderPage(folder: string): FolderPage | undefined {
  const path = join(ROOT, folder, 'README.md');
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const [title = '', , what = ''] = text.split('\n');
  const item = (name: string): string => new RegExp(`^- \\*\\*${name}:\\*\\* (.+)$`, 'm').exec(text)?.[1] ?? '';
  const named = [...text.matchAll(/`([\w./-]+\.tsx?)`/g)].map(([, file = '']) => file);
  return {
    title,
    what,
    enters: item('Enters'),
    leaves: item('Leaves'),
    start: item('Start at'),
    missing: named.filter((file) => !existsSync(join(ROOT, folder, file)) && !existsSync(join(ROOT, file))),
  };
}
