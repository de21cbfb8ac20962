import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { COMMANDS, type CommandName, commandSpec } from '../options/command-table.ts';
import { GROUPS, type OptionGroup, type OptionSpec, optionSpec } from '../options/option-table.ts';
import { SETTING_NAMES, variableOf } from '../settings/setting.ts';

/** `portfleet man`: the manual page, made from the tables of commands and options. Read it with "man -l -". */
export async function man(ctx: CliContext): Promise<ExitCode> {
  await ctx.stdout.write(manualPage(ctx.version));
  return EXIT.done;
}

/** A backslash and a dot or quote that begins a line mean something to roff; a hyphen of an option is a minus. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');

export function manualPage(version: string): string {
  const names = Object.keys(COMMANDS) as CommandName[];
  return [
    `.TH PORTFLEET 1 "" "portfleet ${version}" "User Commands"`,
    '.SH NAME',
    'portfleet \\- find the open ports of the hosts you are allowed to scan',
    '.SH SYNOPSIS',
    '.B portfleet',
    '[\\fIcommand\\fR] [\\fIoptions\\fR] [\\fItarget\\fR...]',
    '.SH DESCRIPTION',
    'Finds the open ports of hosts, and proves that it probed every one. Without a command it scans.',
    'Scan only hosts that are yours, or whose owner has allowed it.',
    ...names.flatMap(commandSection),
    '.SH EXIT STATUS',
    ...EXIT_WORDS.flatMap(([code, words]) => ['.TP', `.B ${code}`, roff(words)]),
    '.SH ENVIRONMENT',
    ...SETTING_NAMES.map(optionSpec).flatMap((spec) => [
      '.TP',
      `.B ${variableOf(spec)}`,
      roff(`Stands for ${spec.long}.`),
    ]),
    '.SH FILES',
    '.TP',
    '.I ~/.config/portfleet/config.yaml',
    'Settings of the user, by the long names of options, and profiles of them.',
    '.TP',
    '.I ./portfleet.yaml',
    'Settings of the directory, which may not say where scans go or are kept.',
    '.SH SEE ALSO',
    '.BR nmap (1)',
    '',
  ].join('\n');
}

const EXIT_WORDS = [
  [0, 'done'],
  [1, 'failed'],
  [2, 'the command line cannot be read; nothing was started'],
  [3, 'an unexpected port is open, or two scans differ'],
  [4, 'complete with gaps: some ports could not be probed, or scans could not be compared'],
  [130, 'interrupted, and resumable'],
] as const;

function commandSection(name: CommandName): string[] {
  const { description, words, options } = commandSpec(name);
  const groups = Object.keys(GROUPS) as OptionGroup[];
  return [
    `.SH ${name.toUpperCase()}`,
    `.B portfleet ${name}`,
    `${options.length > 0 ? '[\\fIoptions\\fR] ' : ''}${roff(words)}`,
    '.PP',
    roff(description),
    ...groups.flatMap((group) => {
      const specs = options.map(optionSpec).filter((spec) => spec.group === group);
      return specs.length === 0 ? [] : [`.SS ${GROUPS[group]}`, ...specs.flatMap(optionEntry)];
    }),
  ];
}

function optionEntry({ short, long, value, help }: OptionSpec): string[] {
  const flags = [...(short ? [short] : []), long].map((each) => `\\fB${roff(each)}\\fR`).join(', ');
  return ['.TP', `${flags}${value ? ` \\fI${roff(value.replace(/[<>]/g, ''))}\\fR` : ''}`, roff(help)];
}
