import { errorValue } from '../../shared/domain/errors.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { COMMANDS, type CommandName, commandSpec, isCommandName } from '../options/command-table.ts';
import { GROUPS, type OptionGroup, type OptionName, optionSpec } from '../options/option-table.ts';
import { refuse } from '../output/error-text.ts';
import { variableOf } from '../settings/setting.ts';

/** `portfleet help` and `--help`. */
export async function help(about: string | undefined, ctx: CliContext): Promise<ExitCode> {
  const width = Math.max(NARROWEST, Math.min(ctx.stdout.width(), WIDEST));
  if (about !== undefined && !isCommandName(about)) {
    const hint = `Name one of ${Object.keys(COMMANDS).join(', ')}.`;
    return refuse([errorValue('OPTION_UNREADABLE', `"${about}" is no command.`, { hint })], ctx);
  }
  await ctx.stdout.write(about === undefined ? programHelp(width) : commandHelp(about, width));
  return EXIT.done;
}

/** `portfleet version` and `--version`. */
export async function version(ctx: CliContext): Promise<ExitCode> {
  await ctx.stdout.write(`${ctx.version}\n`);
  return EXIT.done;
}

/** Longer lines are hard to follow; in narrower ones no word has room. */
const WIDEST = 100;
const NARROWEST = 40;

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['portfleet 127.0.0.1', 'every TCP port of this machine'],
  ['portfleet scan 10.0.0.0/24 -p 22,80,443 -T4', 'three ports of a network, aggressively'],
  ['portfleet scan db.internal -p U:53,T:5432 --format json', 'both protocols'],
  ['portfleet list', 'what was scanned before'],
  ['portfleet show @1 --format csv', 'the newest report again'],
];

const CLOSING = [
  'Exit codes: 0 done, 1 failed, 2 usage, 3 unexpected port or difference, 4 complete with gaps, 130 interrupted.',
  'Scan only hosts that are yours, or whose owner has allowed it.',
];

export function programHelp(width: number): string {
  const commands = Object.entries(COMMANDS).map(
    ([name, { words, summary }]) => [`${name} ${words}`.trim(), summary] as const,
  );
  return [
    'Usage: portfleet [command] [options] [target...]',
    '',
    ...wrapped(
      'Finds the open ports of the hosts you are allowed to scan, and proves that it probed every one.',
      width,
    ),
    '',
    'Commands, "scan" where none is named:',
    ...twoColumns(commands, width),
    '',
    'Examples:',
    ...twoColumns(EXAMPLES, width),
    '',
    ...wrapped('The options of a command: portfleet help scan', width),
    ...CLOSING.flatMap((line) => wrapped(line, width)),
    '',
  ].join('\n');
}

export function commandHelp(name: CommandName, width: number): string {
  const { words, description, options } = commandSpec(name);
  const groups = Object.keys(GROUPS) as OptionGroup[];
  return [
    `Usage: portfleet ${name}${options.length > 0 ? ' [options]' : ''} ${words}`.trimEnd(),
    '',
    ...wrapped(description, width),
    ...groups.flatMap((group) => groupHelp(group, options, width)),
    '',
  ].join('\n');
}

function groupHelp(group: OptionGroup, options: readonly OptionName[], width: number): string[] {
  const rows = options
    .map(optionSpec)
    .filter((spec) => spec.group === group)
    .map(
      (spec) => [flagsOf(spec), spec.setting === 'user' ? `${spec.help} (${variableOf(spec)})` : spec.help] as const,
    );
  return rows.length === 0 ? [] : ['', `${GROUPS[group]}:`, ...twoColumns(rows, width)];
}

/** `-p, --ports <spec>`. */
export const flagsOf = ({ short, long, value }: ReturnType<typeof optionSpec>): string =>
  `${short ? `${short}, ` : '    '}${long}${value ? ` ${value}` : ''}`;

/** Names to the left, what they do to the right; where that leaves no room, what they do goes below. */
function twoColumns(rows: readonly (readonly [name: string, text: string])[], width: number): string[] {
  const longest = Math.max(...rows.map(([name]) => name.length));
  const column = longest + 4;
  if (width - column < NARROWEST - 10) {
    return rows.flatMap(([name, text]) => [`  ${name}`, ...wrapped(text, width - 6).map((line) => `      ${line}`)]);
  }
  return rows.flatMap(([name, text]) => {
    const [first = '', ...more] = wrapped(text, width - column);
    return [`  ${name.padEnd(column - 2)}${first}`, ...more.map((line) => `${' '.repeat(column)}${line}`)];
  });
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
