import { type ErrorValue, errorValue } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { editDistance } from '../../shared/request/edit-distance.ts';
import { COMMANDS, type CommandName, commandSpec, isCommandName } from './command-table.ts';
import { OPTIONS, type OptionName, type OptionSpec, type OptionsOf, optionSpec } from './option-table.ts';
import { OTHER_OPTIONS, type OtherOption } from './other-tools.ts';

/*
 * The words of a command line, in one pass. An option is looked up as our own, then as another tool's, then as one letter
 * with its value glued to it, then as a long name behind one dash, as Go's programs write them.
 */

/** A command line that was read: its values are still the user's words. */
export interface CommandLine {
  readonly command: CommandName;
  readonly words: readonly string[];
  readonly options: OptionsOf<OptionName>;
  /** Flags that "--no-…" takes back, whatever sets them. */
  readonly without: ReadonlySet<OptionName>;
  /** What is done otherwise than the user of another tool may expect. */
  readonly notes: readonly string[];
}

interface Reading {
  readonly rest: string[];
  readonly words: string[];
  readonly given: { readonly name: OptionName; readonly value: string | null; readonly typed: string }[];
  readonly without: Set<OptionName>;
  readonly notes: Set<string>;
  readonly errors: ErrorValue[];
  /** `--help` or `--version` was among the words. */
  instead: 'help' | 'version' | null;
}

const ALL = Object.keys(OPTIONS) as OptionName[];

/** Every error of the line at once; a word that no command has is a target of `scan`. */
export function readCommandLine(typed: readonly string[]): Result<CommandLine> {
  const sets = { without: new Set<OptionName>(), notes: new Set<string>() };
  const reading: Reading = { rest: [...typed], words: [], given: [], ...sets, errors: [], instead: null };
  for (let word = reading.rest.shift(); word !== undefined; word = reading.rest.shift()) readWord(word, reading);
  if (reading.instead) return ok(helpInstead(reading));
  const command = takeCommand(reading);
  checkCount(command, reading);
  const options = collect(command, reading);
  if (reading.errors.length > 0) return err(...reading.errors);
  return ok({ command, words: reading.words, options, without: reading.without, notes: [...reading.notes] });
}

/** `portfleet list --help` is about list, `portfleet --help` about all of it. */
function helpInstead({ instead, words }: Reading): CommandLine {
  const about = words.filter(isCommandName).slice(0, 1);
  const nothing = { options: {}, without: new Set<OptionName>(), notes: [] };
  return { command: instead ?? 'help', words: instead === 'help' ? about : [], ...nothing };
}

function takeCommand({ words, errors }: Reading): CommandName {
  const [first] = words;
  if (first !== undefined && isCommandName(first)) {
    words.shift();
    return first;
  }
  const meant = words.length === 1 && first !== undefined ? nearestCommand(first) : undefined;
  if (meant) {
    const hint = `Did you mean "portfleet ${meant}"? A host of that name: "portfleet scan ${first}".`;
    errors.push(errorValue('OPTION_UNREADABLE', `"${first}" is no command.`, { hint }));
  }
  return 'scan';
}

/** A word without dots that is a letter off a command is sooner a slip than a host. */
function nearestCommand(word: string): string | undefined {
  const names = Object.keys(COMMANDS);
  return /^[a-z]{3,9}$/.test(word) ? names.find((name) => editDistance(name, word) === 1) : undefined;
}

function checkCount(command: CommandName, { words, errors }: Reading): void {
  const { count, words: usage } = commandSpec(command);
  const [least, most] = count;
  if (words.length >= least && words.length <= most) return;
  const hint = `Write: portfleet ${command} ${usage}`.trimEnd();
  const detail =
    words.length < least ? `"${command}" needs ${usage}.` : `"${words[most]}" is one word too many for "${command}".`;
  errors.push(errorValue('OPTION_UNREADABLE', detail, { hint }));
}

const INSTEAD: Readonly<Record<string, 'help' | 'version'>> = {
  '-h': 'help',
  '--help': 'help',
  '-V': 'version',
  '--version': 'version',
  '-version': 'version',
};

function readWord(word: string, reading: Reading): void {
  if (word === '--') return;
  if (word === '-' || !word.startsWith('-')) {
    reading.words.push(word);
    return;
  }
  const instead = INSTEAD[word];
  if (instead) {
    reading.instead ??= instead;
    return;
  }
  const [name, attached] = splitAtEquals(word);
  if (readExact(name, attached, reading) || readScanTypes(word, reading) || readGlued(word, reading)) return;
  if (!word.startsWith('--') && readExact(`-${name}`, attached, reading)) return;
  if (readUnderscores(name, attached, reading) || readLetters(word, reading)) return;
  reading.errors.push(unknownOption(name));
}

function splitAtEquals(word: string): [name: string, attached: string | undefined] {
  const at = word.indexOf('=');
  return at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word, undefined];
}

/** The option whose whole name this is. */
function readExact(name: string, attached: string | undefined, reading: Reading): boolean {
  const own = ALL.find((each) => OPTIONS[each].long === name || optionSpec(each).short === name);
  if (own) {
    readOwn(own, name, attached, reading);
    return true;
  }
  const taken = ALL.find((each) => optionSpec(each).kind === 'flag' && `--no-${OPTIONS[each].long.slice(2)}` === name);
  if (taken && optionSpec(taken).setting) {
    reading.without.add(taken);
    return true;
  }
  const other = otherOption(name, attached ?? reading.rest[0]);
  if (!other) return false;
  const value = other.value === 'next' ? (attached ?? takeValue(name, reading)) : attached;
  if (other.value !== 'next' || value !== undefined) follow(other, name, value, reading);
  return true;
}

const otherOption = (name: string, next: string | undefined): OtherOption | undefined =>
  OTHER_OPTIONS.find(({ typed, when }) => typed.includes(name) && (!when || when.test(next ?? '')));

function readOwn(name: OptionName, typed: string, attached: string | undefined, reading: Reading): void {
  const { value } = optionSpec(name);
  if (value === undefined && attached !== undefined) {
    const hint = `Write ${typed} alone.`;
    reading.errors.push(errorValue('OPTION_UNREADABLE', `${typed} takes no value.`, { hint }));
  }
  const given = value === undefined ? null : (attached ?? takeValue(typed, reading));
  if (given !== undefined) reading.given.push({ name, value: given, typed });
}

/** The next word, also one that begins with a dash: "-p -1024", "-iL -". */
function takeValue(typed: string, reading: Reading): string | undefined {
  const next = reading.rest.shift();
  if (next !== undefined) return next;
  reading.errors.push(errorValue('OPTION_UNREADABLE', `${typed} needs a value.`));
  return undefined;
}

/** nmap's scan types in one word: -sTU, -sSVC. */
function readScanTypes(word: string, reading: Reading): boolean {
  const letters = /^-s([A-Za-z]{2,})$/.exec(word)?.[1];
  if (letters === undefined || ![...letters].every((letter) => otherOption(`-s${letter}`, undefined))) return false;
  for (const letter of letters) readExact(`-s${letter}`, undefined, reading);
  return true;
}

/** One letter, or two of nmap's, with the value behind it: -p22, -T4, -vv, -iLhosts, -PS22,80. */
function readGlued(word: string, reading: Reading): boolean {
  if (word.startsWith('--')) return false;
  const verbosity = /^-(?:v+|v(\d))$/.exec(word);
  if (verbosity) {
    const level = Number(verbosity[1] ?? word.length - 1);
    for (let times = 0; times < level; times++) reading.given.push({ name: 'verbose', value: null, typed: '-v' });
    return true;
  }
  if (/^-d\d?d*$/.test(word)) return readExact('-d', undefined, reading);
  const own = ALL.find((name) => optionSpec(name).short === word.slice(0, 2) && optionSpec(name).value !== undefined);
  const looksLikeGoName = /^-[a-z]{2,}(-[a-z]+)*$/.test(word) && ALL.some((name) => OPTIONS[name].long === `-${word}`);
  if (own && !looksLikeGoName) {
    readOwn(own, word.slice(0, 2), word.slice(2), reading);
    return true;
  }
  const other = otherOption(word.slice(0, 3), word.slice(3)) ?? otherOption(word.slice(0, 2), word.slice(2));
  const typed = other?.typed.find((each) => word.startsWith(each) && each.length < word.length);
  if (!other?.value || typed === undefined || looksLikeGoName) return false;
  follow(other, typed, word.slice(typed.length), reading);
  return true;
}

/** nmap takes an underscore for a hyphen: --max_retries. */
const readUnderscores = (name: string, attached: string | undefined, reading: Reading): boolean =>
  name.startsWith('--') && name.includes('_') && readExact(name.replaceAll('_', '-'), attached, reading);

/** Letters of which none takes a value, in one word: -nv, -nvv, -Fn. */
function readLetters(word: string, reading: Reading): boolean {
  const letters = /^-([A-Za-z0-9]{2,4})$/.exec(word)?.[1];
  if (letters === undefined || ![...letters].every(isAlone)) return false;
  for (const letter of letters) readExact(`-${letter}`, undefined, reading);
  return true;
}

function isAlone(letter: string): boolean {
  const own = ALL.find((name) => optionSpec(name).short === `-${letter}`);
  const option = own ? optionSpec(own) : otherOption(`-${letter}`, undefined);
  return option !== undefined && option.value === undefined;
}

/** Puts what another tool's option becomes in its place. */
function follow(
  { becomes, convert, says, tool }: OtherOption,
  typed: string,
  value: string | undefined,
  reading: Reading,
) {
  if (!becomes) {
    reading.errors.push(
      errorValue('OPTION_UNSUPPORTED', `${typed} of ${tool} is not done.`, says ? { hint: says } : {}),
    );
    return;
  }
  if (says) reading.notes.add(`${typed}: ${says}`);
  const text = convert?.(value ?? '') ?? value ?? '';
  reading.rest.unshift(...becomes.map((word) => word.replace('{}', () => text)));
}

function unknownOption(typed: string): ErrorValue {
  const longs = [...ALL.map((name): string => OPTIONS[name].long), ...OTHER_OPTIONS.flatMap((other) => other.typed)];
  const wanted = typed.replace(/^-+/, '--');
  const nearest = longs
    .filter((long) => long.startsWith('--'))
    .map((long) => ({ long, distance: editDistance(wanted, long) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const hint =
    nearest && wanted.length > 4 && nearest.distance <= 3
      ? `Did you mean ${nearest.long}?`
      : '"portfleet scan --help" lists the options; docs/command.md says what those of other scanners become.';
  return errorValue('OPTION_UNKNOWN', `There is no option ${typed}.`, { hint });
}

/** The values under their names: those of a list add up, and of a single one there may be no two. */
function collect(command: CommandName, { given, errors }: Reading): OptionsOf<OptionName> {
  const options: Partial<Record<OptionName, true | number | string | readonly string[]>> = {};
  for (const { name: first, value, typed } of given) {
    const name = ofCommand(first, command);
    if (name === undefined) {
      const hint = `"portfleet help ${command}" lists those it has.`;
      errors.push(errorValue('OPTION_UNKNOWN', `"${command}" has no option ${typed}.`, { hint }));
      continue;
    }
    const { kind } = optionSpec(name);
    const before = options[name];
    if (kind === 'flag') options[name] = true;
    else if (kind === 'count') options[name] = (typeof before === 'number' ? before : 0) + 1;
    else if (kind === 'list') options[name] = [...(Array.isArray(before) ? before : []), value ?? ''];
    else if (before === undefined) options[name] = value ?? '';
    // nmap's hands write -n twice in one line; the same value again contradicts nothing.
    else if (before !== (value ?? '')) errors.push(givenTwice(name, String(before), value ?? ''));
  }
  // Each value was made for the kind of its option just above.
  return options as OptionsOf<OptionName>;
}

/** The option of that command with the same long name: --format is one of a report, or one of a difference. */
function ofCommand(name: OptionName, command: CommandName): OptionName | undefined {
  const { long } = OPTIONS[name];
  return commandSpec(command).options.find((each) => OPTIONS[each].long === long);
}

function givenTwice(name: OptionName, first: string, second: string): ErrorValue {
  const { long }: OptionSpec = OPTIONS[name];
  const detail = `${long} takes one value and is given two: "${first}" and "${second}".`;
  return errorValue('OPTION_REPEATED', detail);
}
