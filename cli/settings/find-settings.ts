import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type ErrorValue, errorValue } from '../../shared/domain/errors.ts';
import { quoted } from '../../shared/domain/excerpt.ts';
import { editDistance } from '../../shared/request/edit-distance.ts';
import type { CliContext } from '../context.ts';
import { type OptionsOf, optionSpec } from '../options/option-table.ts';
import type { SettingsFile, SettingsOfFile } from './read-settings-file.ts';
import { SETTING_NAMES, type Setting, variableOf } from './setting.ts';

/** All that is set, the weakest first; and what `portfleet config` tells beside. */
export interface FoundSettings {
  readonly settings: readonly Setting[];
  /** Both places of files, whether one is there or not. */
  readonly files: readonly { readonly shown: string; readonly isThere: boolean }[];
  readonly profiles: readonly string[];
  readonly errors: readonly ErrorValue[];
}

/** More is no file of settings, and would be read before every command. */
const MOST_BYTES = 65_536;

/**
 * What the files and the environment set, the weakest first:
 *
 *   config.yaml of the user ◀ portfleet.yaml ◀ the profile in the one ◀ the profile in the other ◀ environment ◀ (options)
 *
 * A profile that was asked for is meant more than what holds always.
 */
export async function findSettings(
  { profile, noConfig }: OptionsOf<'profile' | 'noConfig'>,
  ctx: CliContext,
): Promise<FoundSettings> {
  const wanted = profile ?? ((!noConfig && ctx.env['PORTFLEET_PROFILE']) || undefined);
  const places = noConfig ? [] : placesOf(ctx);
  const found = places.map((place) => readPlace(place, ctx));
  const files = found.flatMap((each) => (each && 'text' in each ? [each] : []));
  const unread = found.flatMap((each) => (each && 'code' in each ? [each] : []));
  const read = files.length === 0 ? [] : await readAll(files);
  const variables = readVariables(ctx);
  const profiles = [...new Set(read.flatMap(({ profiles }) => [...profiles.keys()]))];
  const settings = [
    ...read.flatMap(({ always }) => always),
    ...read.flatMap((each) => (wanted === undefined ? [] : (each.profiles.get(wanted) ?? []))),
    ...variables.settings,
  ];
  const unknown = wanted === undefined || profiles.includes(wanted) ? [] : [unknownProfile(wanted, profiles)];
  return {
    settings,
    files: places.map(({ shown }, index) => ({ shown, isThere: found[index] !== undefined })),
    profiles,
    errors: [...unread, ...read.flatMap(({ errors }) => errors), ...unknown, ...variables.errors],
  };
}

async function readAll(files: readonly SettingsFile[]): Promise<readonly SettingsOfFile[]> {
  const { readSettingsFile } = await import('./read-settings-file.ts');
  return files.map(readSettingsFile);
}

type Place = Pick<SettingsFile, 'kind' | 'shown'> & { readonly path: string };

/** The user's file first, which is the weaker. A relative XDG_CONFIG_HOME is ignored, as its specification asks. */
function placesOf({ env, home, platform, directory }: CliContext): readonly Place[] {
  const said = env['XDG_CONFIG_HOME'];
  const [base, shownBase] =
    said && isAbsolute(said)
      ? [said, said]
      : platform === 'win32' && env['APPDATA']
        ? [env['APPDATA'], '%APPDATA%']
        : [join(home, '.config'), '~/.config'];
  const here: Place = { kind: 'directory', path: join(directory, 'portfleet.yaml'), shown: './portfleet.yaml' };
  if (!isAbsolute(base)) return [here];
  return [
    { kind: 'user', path: join(base, 'portfleet', 'config.yaml'), shown: `${shownBase}/portfleet/config.yaml` },
    here,
  ];
}

/** Undefined where there is no file: most have none. */
function readPlace({ kind, path, shown }: Place, { home }: CliContext): SettingsFile | ErrorValue | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return undefined;
    if (!stats.isFile() || stats.size > MOST_BYTES) {
      const detail = `${shown} is ${stats.isFile() ? `larger than ${MOST_BYTES} bytes` : 'no file'}.`;
      return errorValue('CONFIG_UNREADABLE', detail);
    }
    return { kind, shown, folder: dirname(path), home, text: readFileSync(path, 'utf8') };
  } catch (error) {
    // Where something else stands in the place of its directory (XDG_CONFIG_HOME=/dev/null), there is no file either.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    const why = error instanceof Error ? error.message : String(error);
    return errorValue('CONFIG_UNREADABLE', `${shown} cannot be read: ${why}.`);
  }
}

function unknownProfile(wanted: string, profiles: readonly string[]): ErrorValue {
  const nearest = profiles.find((each) => editDistance(each, wanted) <= 2);
  const listed = profiles.length === 0 ? 'No file has any.' : `There are: ${profiles.map(quoted).join(', ')}.`;
  const hint = nearest === undefined ? listed : `Did you mean ${quoted(nearest)}?`;
  return errorValue('CONFIG_UNREADABLE', `There is no profile ${quoted(wanted)}.`, { hint });
}

const YES = /^(?:1|true|yes|on)$/i;
const NO = /^(?:0|false|no|off)$/i;

/** A blank variable counts as unset, and one that is no setting is left alone: clusters set PORTFLEET_PORT and its kin. */
function readVariables({ env }: CliContext): { settings: readonly Setting[]; errors: readonly ErrorValue[] } {
  const settings: Setting[] = [];
  const errors: ErrorValue[] = [];
  for (const name of SETTING_NAMES) {
    const spec = optionSpec(name);
    const variable = variableOf(spec);
    const text = env[variable]?.trim();
    if (!text) continue;
    const setting = { name, source: 'environment', place: variable } as const;
    if (spec.kind === 'list') settings.push({ ...setting, value: [text] });
    else if (spec.kind === 'one') settings.push({ ...setting, value: text });
    else if (spec.kind === 'count' && /^\d$/.test(text)) settings.push({ ...setting, value: Number(text) });
    else if (spec.kind === 'flag' && (YES.test(text) || NO.test(text))) {
      settings.push({ ...setting, value: YES.test(text) });
    } else {
      const at = { field: `${variable}=`, text, start: 0, end: text.length };
      const hint = spec.kind === 'flag' ? 'Set it to 1 or 0.' : 'Set it to a number from 0 to 9.';
      errors.push(errorValue('CONFIG_UNREADABLE', `${variable} cannot be ${quoted(text)}.`, { at, hint }));
    }
  }
  return { settings, errors };
}
