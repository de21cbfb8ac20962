// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what stands between the quotes is the script of a shell.
import { errorValue } from '../../shared/domain/errors.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { COMMANDS, type CommandName, commandSpec } from '../options/command-table.ts';
import { type OptionSpec, optionSpec } from '../options/option-table.ts';
import { refuse } from '../output/error-text.ts';

/** `portfleet completion <shell>`: a script for the shell to load, made from the tables of commands and options. */
export async function completion(shell: string, ctx: CliContext): Promise<ExitCode> {
  if (!Object.hasOwn(SCRIPTS, shell)) {
    const hint = `Write one of ${Object.keys(SCRIPTS).join(', ')}.`;
    return refuse([errorValue('OPTION_UNREADABLE', `There is no completion for "${shell}".`, { hint })], ctx);
  }
  await ctx.stdout.write(SCRIPTS[shell as keyof typeof SCRIPTS]());
  return EXIT.done;
}

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

const specsOf = (name: CommandName): OptionSpec[] => commandSpec(name).options.map(optionSpec);

const spellings = ({ long, short }: OptionSpec): string[] => [long, ...(short ? [short] : [])];

/** A text between single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bashScript(): string {
  const options = COMMAND_NAMES.map(
    (name) => `    ${name}) options=${quoted(specsOf(name).flatMap(spellings).join(' '))} ;;`,
  );
  const values = COMMAND_NAMES.flatMap((name) =>
    specsOf(name).flatMap(({ completes, ...spec }) => {
      if (completes === undefined) return [];
      const reply = bashReply(completes);
      return [
        `    ${spellings(spec)
          .map((each) => `${name}:${each}`)
          .join('|')}) ${reply}; return ;;`,
      ];
    }),
  );
  return [
    '# bash completion for portfleet: eval "$(portfleet completion bash)"',
    '_portfleet() {',
    '  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=scan options each',
    '  for each in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    `    case $each in ${COMMAND_NAMES.join('|')}) command=$each; break ;; esac`,
    '  done',
    '  case $command in',
    ...options,
    '  esac',
    '  case $command:$before in',
    ...values,
    '  esac',
    '  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word"))',
    `  elif ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W ${quoted(COMMAND_NAMES.join(' '))} -- "$word"))`,
    '  else COMPREPLY=($(compgen -A hostname -A file -- "$word"))',
    '  fi',
    '}',
    'complete -F _portfleet portfleet',
    '',
  ].join('\n');
}

function bashReply(completes: NonNullable<OptionSpec['completes']>): string {
  if (completes === 'file') return 'COMPREPLY=($(compgen -A file -- "$word"))';
  if (completes === 'directory') return 'COMPREPLY=($(compgen -A directory -- "$word"))';
  return `COMPREPLY=($(compgen -W ${quoted(completes.join(' '))} -- "$word"))`;
}

function zshScript(): string {
  const commands = COMMAND_NAMES.map((name) => `    ${quoted(`${name}:${commandSpec(name).summary}`)}`);
  const cases = COMMAND_NAMES.map((name) => {
    const lines = specsOf(name).flatMap((spec) => spellings(spec).map((each) => `        ${zshOption(each, spec)} \\`));
    return [`    ${name})`, '      _arguments \\', ...lines, "        '*:: :_files' ;;"].join('\n');
  });
  return [
    '#compdef portfleet',
    '# zsh completion for portfleet: eval "$(portfleet completion zsh)"',
    '_portfleet() {',
    '  local -a commands=(',
    ...commands,
    '  )',
    '  local command=scan each',
    '  for each in ${words[2,CURRENT-1]}; do',
    '    if [[ -n ${commands[(r)$each:*]} ]]; then command=$each; break; fi',
    '  done',
    "  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then _describe 'command' commands; _hosts; return; fi",
    '  case $command in',
    ...cases,
    '  esac',
    '}',
    'compdef _portfleet portfleet',
    '',
  ].join('\n');
}

function zshOption(spelling: string, { help, value, completes, kind }: OptionSpec): string {
  const text = help.replace(/[[\]:]/g, ' ');
  const many = kind === 'list' || kind === 'count' ? '*' : '';
  if (value === undefined) return quoted(`${many}${spelling}[${text}]`);
  const action =
    completes === 'file'
      ? '_files'
      : completes === 'directory'
        ? '_directories'
        : completes
          ? `(${completes.join(' ')})`
          : ' ';
  return quoted(`${many}${spelling}[${text}]:${value.replace(/[<>]/g, '')}:${action}`);
}

function fishScript(): string {
  const commands = COMMAND_NAMES.map(
    (name) => `complete -c portfleet -n __fish_use_subcommand -a ${name} -d ${quoted(commandSpec(name).summary)}`,
  );
  const options = COMMAND_NAMES.flatMap((name) =>
    specsOf(name).map((spec) => {
      const when = name === 'scan' ? NO_OTHER_COMMAND : `__fish_seen_subcommand_from ${name}`;
      const letter = spec.short ? ` -s ${spec.short.slice(1)}` : '';
      return `complete -c portfleet -n ${quoted(when)}${letter} -l ${spec.long.slice(2)} -d ${quoted(spec.help)}${fishValue(spec)}`;
    }),
  );
  return ['# fish completion for portfleet: portfleet completion fish | source', ...commands, ...options, ''].join(
    '\n',
  );
}

const NO_OTHER_COMMAND = `not __fish_seen_subcommand_from ${COMMAND_NAMES.filter((name) => name !== 'scan').join(' ')}`;

function fishValue({ value, completes }: OptionSpec): string {
  if (value === undefined) return '';
  if (completes === 'file') return ' -r -F';
  if (completes === 'directory') return " -x -a '(__fish_complete_directories)'";
  return completes ? ` -x -a ${quoted(completes.join(' '))}` : ' -x';
}
