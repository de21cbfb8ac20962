import { errorValue } from '../../shared/domain/errors.ts';
import { withoutLogin } from '../../shared/domain/proxy.ts';
import { editDistance } from '../../shared/request/edit-distance.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { OPTIONS, type OptionName, optionSpec } from '../options/option-table.ts';
import { refuse } from '../output/error-text.ts';
import { settingsThatHold } from '../settings/apply-settings.ts';
import { type FoundSettings, findSettings } from '../settings/find-settings.ts';
import { keyOf, SETTING_NAMES, type Setting, variableOf } from '../settings/setting.ts';

/** `portfleet config`: what holds for `scan` where the command line does not say, and where each value comes from. */
export async function config(options: CommandOptions<'config'>, ctx: CliContext): Promise<ExitCode> {
  const { configFormat: format = 'text' } = options;
  if (format !== 'text' && format !== 'json') {
    const at = { field: '--format', text: format, start: 0, end: format.length };
    return refuse(
      [errorValue('OPTION_UNREADABLE', `"${format}" is not a format.`, { at, hint: 'Write text or json.' })],
      ctx,
    );
  }
  const found = await findSettings(options, ctx);
  if (found.errors.length > 0) return refuse(found.errors, ctx);
  const rows = rowsOf(found);
  await ctx.stdout.write(format === 'json' ? asJson(rows, found) : asText(rows, found, ctx));
  return EXIT.done;
}

interface Row {
  readonly setting: string;
  /** Null where nothing is the default. */
  readonly value: Setting['value'] | null;
  readonly from: string;
}

function rowsOf({ settings }: FoundSettings): readonly Row[] {
  const holding = settingsThatHold(settings, { command: 'scan', options: {}, without: new Set() });
  return SETTING_NAMES.flatMap((name): Row[] => {
    const set = holding.filter((each) => each.name === name);
    if (set.length > 0)
      return set.map(({ value, place }) => ({ setting: keyOf(name), value: shown(value), from: place }));
    return [{ setting: keyOf(name), value: defaultOf(name), from: 'default' }];
  });
}

/** A password is not for a terminal. */
const shown = (value: Setting['value']): Setting['value'] => (typeof value === 'string' ? withoutLogin(value) : value);

/** As the help says it, where it does. */
function defaultOf(name: OptionName): Row['value'] {
  const { kind, help } = optionSpec(name);
  if (kind === 'flag') return false;
  return /\(default: ([^)]*)\)/.exec(help)?.[1] ?? null;
}

const asJson = (rows: readonly Row[], { files, profiles }: FoundSettings): string =>
  `${JSON.stringify({ settings: rows, files, profiles }, null, 2)}\n`;

function asText(rows: readonly Row[], { files, profiles }: FoundSettings, ctx: CliContext): string {
  const words = rows.map(({ setting, value, from }) => [setting, wordsOf(value), from] as const);
  const [first, second] = [0, 1].map((column) => Math.max(...words.map((row) => row[column as 0 | 1].length)) + 2);
  const line = ([setting, value, from]: readonly [string, string, string]): string =>
    `${setting.padEnd(first ?? 0)}${value.padEnd(second ?? 0)}${from}\n`;
  const unused = unusedVariables(ctx.env);
  return [
    line(['SETTING', 'VALUE', 'FROM']),
    ...words.map(line),
    '\n',
    ...files.map(({ shown, isThere }) => `${isThere ? 'read' : 'not there'}: ${shown}\n`),
    profiles.length > 0 ? `profiles: ${profiles.join(', ')}\n` : '',
    ...unused.map((each) => `no setting: ${each}\n`),
  ].join('');
}

function wordsOf(value: Row['value']): string {
  if (value === null) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? value.join(', ') : String(value);
}

/** Read elsewhere than as a setting. */
const OTHER_VARIABLES = [
  'PORTFLEET_PROFILE',
  'PORTFLEET_LOG',
  'PORTFLEET_TOKEN',
  'PORTFLEET_SMTP',
  'PORTFLEET_MAIL_FROM',
];

/** Variables that look like ours and are none: a slip, or those that a cluster sets for a service of that name. */
function unusedVariables(env: CliContext['env']): readonly string[] {
  const known = [...SETTING_NAMES.map((name) => variableOf(OPTIONS[name])), ...OTHER_VARIABLES];
  return Object.keys(env)
    .filter((name) => name.startsWith('PORTFLEET_') && !known.includes(name))
    .map((name) => {
      const nearest = known.find((each) => editDistance(each, name) <= 2);
      return nearest === undefined ? name : `${name} (did you mean ${nearest}?)`;
    });
}
