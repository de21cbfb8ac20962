import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { CliContext } from '../context.ts';
import { type CommandName, commandSpec, REPORT_FILE_OPTIONS } from '../options/command-table.ts';
import { OPTIONS, type OptionName, type OptionsOf, optionSpec } from '../options/option-table.ts';
import type { CommandLine } from '../options/read-words.ts';
import { findSettings } from './find-settings.ts';
import { keyOf, type Setting } from './setting.ts';

/** A command line with what is set for it. */
export interface LineWithSettings extends CommandLine {
  /** The settings that hold, each once, or as often as its values add up. */
  readonly settings: readonly Setting[];
}

/** Commands without a setting of their own: a file that cannot be read must not keep anyone from the help. */
const WITHOUT: ReadonlySet<CommandName> = new Set(['config', 'completion', 'man', 'help', 'version']);

/** Puts what is set where the command line says nothing; with every error of the files at once. */
export async function applySettings(line: CommandLine, ctx: CliContext): Promise<Result<LineWithSettings>> {
  if (WITHOUT.has(line.command)) return ok({ ...line, settings: [] });
  const found = await findSettings(line.options, ctx);
  if (found.errors.length > 0) return err(...found.errors);
  const settings = settingsThatHold(found.settings, line);
  return ok({ ...line, settings, options: withSettings(line.options, settings) });
}

/** Options of which one says what the others would: a word on any of them leaves no room for a weaker word on another. */
const ONE_DECISION: readonly (readonly OptionName[])[] = [
  ['ports', 'portsFile', 'topPorts', 'hostsOnly'],
  ['discover', 'hostsOnly'],
  ['tcp', 'udp'],
  ['ipv4', 'ipv6'],
  ['serviceDetection', 'tls', 'hostsOnly'],
  ['quiet', 'verbose'],
];

/** What nobody may take back by saying more: whatever one of them leaves out is not probed. */
const ADDS_UP: ReadonlySet<OptionName> = new Set(['exclude', 'excludeFile', 'excludePorts']);

/** The strongest word on each decision, from settings that stand the weakest first. */
export function settingsThatHold(
  settings: readonly Setting[],
  line: Pick<CommandLine, 'command' | 'options' | 'without'>,
): readonly Setting[] {
  const said = new Set<OptionName>([...(Object.keys(line.options) as OptionName[]), ...line.without]);
  const byStrength = settings.filter(({ name }) => isFor(name, line.command)).reverse();
  const holding: Setting[] = [];
  for (const setting of byStrength) {
    const { name, source } = setting;
    if (ADDS_UP.has(name)) {
      holding.push(setting);
      continue;
    }
    const isDecided = (other: OptionName): boolean => {
      const stronger = said.has(other) || holding.some((each) => each.name === other && each.source !== source);
      return stronger && ONE_DECISION.some((names) => names.includes(name) && names.includes(other));
    };
    const names = Object.keys(OPTIONS) as OptionName[];
    if (said.has(name) || holding.some((each) => each.name === name) || names.some(isDecided)) continue;
    holding.push(setting);
  }
  return withoutContradiction(holding, line.options).reverse();
}

/** Where two settings of different places cannot both be meant, the one yields that the user would not miss. */
function withoutContradiction(holding: readonly Setting[], options: OptionsOf<OptionName>): Setting[] {
  const endpoint = options.endpoint ?? holding.find(({ name }) => name === 'endpoint')?.value;
  const isRemote = endpoint !== undefined && endpoint !== '' && endpoint !== 'local';
  const toStdout = REPORT_FILE_OPTIONS.some((each) => options[each] === '-');
  return holding.filter(({ name }) => !(isRemote && name === 'workers') && !(toStdout && name === 'format'));
}

/**
 * A watch and a scan that goes on are what their own command lines made them: there, settings only say where they are.
 */
function isFor(name: OptionName, command: CommandName): boolean {
  if (!commandSpec(command).options.includes(name)) return false;
  return !(command === 'watch' || command === 'resume') || optionSpec(name).group === 'where';
}

function withSettings(options: OptionsOf<OptionName>, settings: readonly Setting[]): OptionsOf<OptionName> {
  const all: Partial<Record<OptionName, unknown>> = { ...options };
  for (const { name, value } of settings) {
    if (value === false) continue;
    const before = all[name];
    all[name] = Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value;
  }
  // Each value was read for the kind of its option.
  return all as OptionsOf<OptionName>;
}

/** The settings as words of a command line, so that what began a scan can be read again without the files. */
export const settingWords = (settings: readonly Setting[]): readonly string[] =>
  settings.flatMap(({ name, value }) => {
    const { long } = OPTIONS[name];
    if (value === false) return [];
    if (value === true) return [long];
    if (typeof value === 'number') return Array.from({ length: value }, () => long);
    return (typeof value === 'string' ? [value] : value).map((each) => `${long}=${each}`);
  });

/** By the long name of each option that is set: where. For the errors that name it. */
export const originsOf = (settings: readonly Setting[]): ReadonlyMap<string, string> =>
  new Map(settings.map(({ name, place }) => [OPTIONS[name].long, place]));

/** Whoever scans in a directory of another hears what its file changes. */
export async function tellOfDirectory({ command, settings }: LineWithSettings, { stderr }: CliContext): Promise<void> {
  const names = settings.filter(({ source }) => source.startsWith('directory')).map(({ name }) => keyOf(name));
  if (command !== 'scan' || names.length === 0) return;
  await stderr.write(`portfleet: ./portfleet.yaml sets ${[...new Set(names)].join(', ')}.\n`);
}
