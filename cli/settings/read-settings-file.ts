import { join, resolve } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { type ErrorValue, errorValue } from '../../shared/domain/errors.ts';
import { quoted } from '../../shared/domain/excerpt.ts';
import { editDistance } from '../../shared/request/edit-distance.ts';
import { readYaml } from '../../shared/request/read-yaml.ts';
import { OPTIONS, type OptionName, optionSpec } from '../options/option-table.ts';
import { keyOf, SETTING_NAMES, type Setting } from './setting.ts';

/** A file of settings, as text. Loaded when there is one: a scan without must not wait for the reader of YAML. */
export interface SettingsFile {
  /** `directory`: whoever wrote into the working directory wrote it, who need not be the user. */
  readonly kind: 'user' | 'directory';
  /** As the user is told of it. */
  readonly shown: string;
  /** What paths in it are relative to. */
  readonly folder: string;
  /** What "~" means. */
  readonly home: string;
  readonly text: string;
}

/** What a file says: always, and under each of its profiles. */
export interface SettingsOfFile {
  readonly always: readonly Setting[];
  readonly profiles: ReadonlyMap<string, readonly Setting[]>;
  readonly errors: readonly ErrorValue[];
}

interface Reading {
  readonly file: SettingsFile;
  readonly errors: ErrorValue[];
}

/** Every error of the file at once, each with its line. */
export function readSettingsFile(file: SettingsFile): SettingsOfFile {
  const reading: Reading = { file, errors: [] };
  const profiles = new Map<string, readonly Setting[]>();
  const always: Setting[] = [];
  for (const [key, value] of entriesOf(rootOf(reading), reading)) {
    if (textOf(key) !== 'profiles') {
      always.push(...readSetting(key, value, file.kind, reading));
      continue;
    }
    for (const [name, body] of entriesOf(value, reading)) {
      const source = `${file.kind}-profile` as const;
      const inside = entriesOf(body, reading).flatMap(([inner, set]) => readSetting(inner, set, source, reading));
      profiles.set(textOf(name) ?? '', inside);
    }
  }
  return { always, profiles, errors: reading.errors };
}

/** What the document holds; null where it is empty, or no YAML at all. */
function rootOf(reading: Reading): ParsedNode | null {
  const document = readYaml(reading.file.text, { prettyErrors: false });
  for (const { message, pos } of document.errors) complain(`${message}.`, pos[0], reading, { hint: AS_YAML });
  return document.errors.length > 0 ? null : document.contents;
}

const AS_YAML = 'Write one setting a line, such as "timing: 4".';

type Entry = readonly [key: ParsedNode, value: ParsedNode | null];

/** The lines of a mapping. Nothing at all is an empty one. */
function entriesOf(node: ParsedNode | null, reading: Reading): readonly Entry[] {
  if (node === null || (isScalar(node) && node.value === null)) return [];
  if (isMap(node)) return node.items.map(({ key, value }) => [key as ParsedNode, value as ParsedNode | null]);
  complain('There are no settings here, but something else.', node.range[0], reading, { hint: AS_YAML });
  return [];
}

const textOf = (node: ParsedNode): string | undefined => (isScalar(node) ? String(node.value) : undefined);

function readSetting(
  key: ParsedNode,
  value: ParsedNode | null,
  source: Setting['source'],
  reading: Reading,
): readonly Setting[] {
  const { file } = reading;
  const written = textOf(key) ?? '';
  const name = SETTING_NAMES.find((each) => keyOf(each) === written);
  if (name === undefined) {
    complain(`There is no setting ${quoted(written)}.`, key.range[0], reading, { hint: hintFor(written) });
    return [];
  }
  if (file.kind === 'directory' && optionSpec(name).setting !== 'anywhere') {
    const detail = `${quoted(written)} cannot be set in ${file.shown}: who writes into a directory must not decide that.`;
    complain(detail, key.range[0], reading, {
      hint: 'Write it into the file of your own, ~/.config/portfleet/config.yaml.',
    });
    return [];
  }
  const read = valueOfKind(name, value, file);
  if (read !== undefined) return [{ name, value: read, source, place: placeOf(key.range[0], file) }];
  complain(`${quoted(written)} cannot have that value.`, key.range[0], reading, {
    hint: `Write ${TAKES[optionSpec(name).kind]}.`,
  });
  return [];
}

const TAKES = {
  flag: 'true or false',
  count: 'a whole number, such as 1',
  one: 'one value',
  list: 'one value, or a list of them between brackets',
} as const;

function hintFor(written: string): string {
  const option = (Object.keys(OPTIONS) as OptionName[]).find((each) => keyOf(each) === written);
  if (option !== undefined) return `--${written} belongs to one command line: write it there.`;
  const [nearest] = SETTING_NAMES.map(keyOf)
    .map((key) => ({ key, distance: editDistance(key, written) }))
    .sort((a, b) => a.distance - b.distance);
  const isNear = nearest && nearest.distance <= 2 && written.length > 3;
  return isNear ? `Did you mean "${nearest.key}"?` : '"portfleet config" lists the settings there are.';
}

/** The value as the command line would give it; undefined where it is of another kind. */
function valueOfKind(name: OptionName, node: ParsedNode | null, file: SettingsFile): Setting['value'] | undefined {
  if (node === null || isAlias(node)) return undefined;
  const { kind, completes } = optionSpec(name);
  const path = (text: string): string =>
    completes === 'file' || completes === 'directory' ? pathIn(text, file) : text;
  if (kind === 'list' && isSeq(node)) {
    const words = node.items.map((item) => wordOf(item as ParsedNode));
    return words.every((word) => word !== undefined) ? words.map(path) : undefined;
  }
  if (kind === 'flag') return isScalar(node) && typeof node.value === 'boolean' ? node.value : undefined;
  if (kind === 'count') return isScalar(node) && Number.isInteger(node.value) ? Number(node.value) : undefined;
  const word = wordOf(node);
  if (word === undefined) return undefined;
  return kind === 'list' ? [path(word)] : path(word);
}

/** A text or a number, as it was written: 0x10 and 1e3 stay what they are. */
function wordOf(node: ParsedNode): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return typeof node.value === 'number' ? (node.source ?? String(node.value)) : undefined;
}

const pathIn = (path: string, { folder, home }: SettingsFile): string =>
  path.startsWith('~/') ? join(home, path.slice(2)) : resolve(folder, path);

function complain(detail: string, offset: number, { file, errors }: Reading, more: { readonly hint: string }): void {
  const line = lineAt(offset, file);
  const text = file.text.split('\n')[line - 1]?.trim() ?? '';
  const at = { field: `${file.shown}:${line}:`, text, start: 0, end: text.length };
  errors.push(errorValue('CONFIG_UNREADABLE', detail, { at, hint: more.hint }));
}

const placeOf = (offset: number, file: SettingsFile): string => `${file.shown}:${lineAt(offset, file)}`;

const lineAt = (offset: number, { text }: SettingsFile): number => text.slice(0, offset).split('\n').length;
