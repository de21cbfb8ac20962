import { fstatSync } from 'node:fs';
import type { Detection } from '../../shared/domain/detection.ts';
import type { DiscoveryName } from '../../shared/domain/discovery.ts';
import { type ErrorValue, errorValue } from '../../shared/domain/errors.ts';
import { formatPorts, portSet } from '../../shared/domain/port-set.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { REVERSE_NAMES, type ReverseNamesChoice } from '../../shared/domain/reverse-names.ts';
import { parsePorts } from '../../shared/request/parse-ports.ts';
import { type ParsedRequest, parseRequest, type RawRequest } from '../../shared/request/parse-request.ts';
import { unreadableOption } from '../../shared/request/parse-timing.ts';
import { COMMAND_LINE_FIELDS } from '../../shared/request/request-fields.ts';
import type { TargetText } from '../../shared/request/target-text.ts';
import type { CliContext } from '../context.ts';
import type { ScanOptions } from '../options/command-table.ts';
import { readText } from '../read-text.ts';

/*
 * From the words and options of `portfleet scan`, and the files that they name, to a request that is read. What is given
 * several times adds up.
 */

type Words = readonly TargetText[];

/** Every error at once, also where a file cannot be read. */
export async function readScanRequest(
  words: readonly string[],
  options: ScanOptions,
  ctx: CliContext,
): Promise<Result<ParsedRequest>> {
  const protocols = protocolsOf(options);
  const [targets, exclude] = [await readTargets(words, options, ctx), await readExclusions(options, ctx)];
  const portTexts = await readPortTexts(options, ctx);
  const hosts = targets.ok ? withoutPorts(targets.value, portTexts.ok && portTexts.value.length > 0) : undefined;
  const ports = portTexts.ok ? addUpPorts([...portTexts.value, ...(hosts?.ports ?? [])], protocols) : portTexts;
  const excludePorts = addUpPorts(namedTexts(options.excludePorts, COMMAND_LINE_FIELDS.excludePorts), protocols);
  const reverseNames = readReverseNames(options.reverseNames ?? (options.proxy === undefined ? 'live' : 'none'));
  const raw: RawRequest = {
    targets: hosts?.targets ?? [],
    exclude: exclude.ok ? exclude.value : [],
    ports: ports.ok ? ports.value : undefined,
    topPorts: isFull(options.topPorts) ? undefined : options.topPorts,
    excludePorts: excludePorts.ok ? excludePorts.value : undefined,
    protocols,
    timing: options.timing,
    timeout: options.timeout,
    retries: options.retries,
    rate: options.rate,
    minRate: options.minRate,
    hostTimeout: options.hostTimeout,
    minRttTimeout: options.minRttTimeout,
    initialRttTimeout: options.initialRttTimeout,
    maxRttTimeout: options.maxRttTimeout,
    order: options.inOrder ? 'ascending' : 'random',
    sockets: options.sockets,
    maxCost: options.maxCost,
    family: familyOf(options),
    discovery: discoveryOf(options),
    skipAllOpen: options.skipAllOpen,
    detect: detectionOf(options),
    reverseNames: reverseNames.ok ? reverseNames.value : undefined,
    dnsServers: options.dnsServers,
    proxy: options.proxy,
  };
  const parsed = parseRequest(raw);
  const errors = [targets, exclude, ports, excludePorts, reverseNames].flatMap((result) =>
    result.ok ? [] : result.errors,
  );
  if (errors.length === 0) return parsed;
  // Where the targets cannot be read, nothing says that there are none.
  const others = parsed.ok ? [] : parsed.errors.filter(({ code, at }) => at || targets.ok || code !== 'TARGET_NONE');
  return err(...errors, ...others);
}

const isFull = (text: string | undefined): boolean => /^(?:full|all)$/i.test(text?.trim() ?? '');

/** -sT and -sU together mean both. */
function protocolsOf({ tcp, udp }: ScanOptions): readonly Protocol[] | undefined {
  if (!udp) return undefined;
  return tcp ? ['tcp', 'udp'] : ['udp'];
}

function discoveryOf({ hostsOnly, discover }: ScanOptions): DiscoveryName | undefined {
  if (hostsOnly) return 'only';
  return discover ? 'before' : undefined;
}

/**
 * nmap's hands expect the names of hosts that answer; a program that asks for a scan gets none unless it wants them. Who
 * goes through a proxy wants nothing else to know of it.
 */
function readReverseNames(text: string): Result<ReverseNamesChoice> {
  const choice = REVERSE_NAMES.find((each) => each === text.trim().toLowerCase());
  return choice ? ok(choice) : err(unreadableOption('--reverse-names', text, REVERSE_NAMES.join(', ')));
}

/** --tls includes what -sV asks for. */
function detectionOf({ serviceDetection, tls }: ScanOptions): Detection {
  if (tls) return 'tls';
  return serviceDetection ? 'services' : 'none';
}

/** Both is the same as neither. */
function familyOf({ ipv4, ipv6 }: ScanOptions): 4 | 6 | undefined {
  if (ipv4 === ipv6) return undefined;
  return ipv4 ? 4 : 6;
}

/** Targets on one line: between white space, or commas that do not belong to a target ("10.0.0.1,5,7" is one). */
export const splitTargets = (text: string): string[] =>
  text.split(/\s+|,(?=[^,\s]*[.:a-z])/i).filter((target) => target !== '');

/** From the command line, from files, and from standard input: for "-", or where nothing else names a target. */
async function readTargets(
  words: readonly string[],
  { inputList = [] }: ScanOptions,
  ctx: CliContext,
): Promise<Result<Words>> {
  const named = words.filter((word) => word !== '-');
  const piped = words.length === 0 && inputList.length === 0 && isPiped(ctx);
  const files = [...new Set([...inputList, ...(piped || named.length < words.length ? ['-'] : [])])];
  const lists = await readAllLists(files, ctx);
  const fromWords = named.map((text) => ({ text, field: COMMAND_LINE_FIELDS.targets }));
  return lists.ok ? ok(fromWords.concat(lists.value)) : lists;
}

/** A pipe or a file, as naabu takes it; not a terminal and not /dev/null. */
function isPiped({ stdin }: CliContext): boolean {
  if (stdin().isTTY) return false;
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}

async function readExclusions(
  { exclude = [], excludeFile = [] }: ScanOptions,
  ctx: CliContext,
): Promise<Result<Words>> {
  const lists = await readAllLists(excludeFile, ctx);
  const named = exclude.flatMap(splitTargets).map((text) => ({ text, field: COMMAND_LINE_FIELDS.exclude }));
  return lists.ok ? ok(named.concat(lists.value)) : lists;
}

async function readAllLists(files: readonly string[], ctx: CliContext): Promise<Result<Words>> {
  const lists: Result<Words>[] = [];
  for (const file of files) lists.push(await readTargetList(file, ctx));
  const errors = lists.flatMap((list) => (list.ok ? [] : list.errors));
  return errors.length > 0 ? err(...errors) : ok(lists.flatMap((list) => (list.ok ? list.value : [])));
}

/** A target of a file. Where it stood is put into words only for an error: a list may have a million lines. */
class ListedTarget implements TargetText {
  readonly text: string;
  readonly #file: string;
  readonly #line: number;

  constructor(text: string, file: string, line: number) {
    this.text = text;
    this.#file = file;
    this.#line = line;
  }

  get field(): string {
    return `${this.#file}:${this.#line}`;
  }
}

/** The targets of a file, or of standard input for "-"; "#" begins a comment. Each knows the line it stood on. */
async function readTargetList(file: string, ctx: CliContext): Promise<Result<Words>> {
  const text = await readNamed(file, 'The list of targets', ctx);
  if (!text.ok) return text;
  const name = file === '-' ? 'standard input' : file;
  const found: TargetText[] = [];
  for (const [index, line] of text.value.split('\n').entries()) {
    for (const target of splitTargets(line.replace(/#.*/, ''))) found.push(new ListedTarget(target, name, index + 1));
  }
  return ok(found);
}

/** Some ten million addresses. */
const LONGEST_LIST = 2 ** 27;

async function readNamed(file: string, what: string, { stdin }: CliContext): Promise<Result<string>> {
  try {
    return ok(await readText(file === '-' ? stdin() : file, LONGEST_LIST));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(errorValue('TARGET_LIST_UNREADABLE', `${what} cannot be read: ${why}.`));
  }
}

const HOST_AND_PORT = /^(\[[^\]]+\]|[^[\]:/\s]+):(\d{1,5})$/;

/**
 * Lines of "host:port", as --format list writes them, where every target is one: the hosts, and their ports. Where ports
 * are chosen otherwise too, the lines stay as they are, and are refused with words.
 */
function withoutPorts(targets: Words, portsAreGiven: boolean): { targets: Words; ports: Words } {
  const pairs = targets.map((target) => ({ target, match: HOST_AND_PORT.exec(target.text) }));
  if (portsAreGiven || pairs.length === 0 || pairs.some(({ match }) => !match)) return { targets, ports: [] };
  const hosts = new Map(pairs.map(({ target, match }) => [match?.[1] ?? '', target.field]));
  const numbers = new Set(pairs.map(({ match }) => match?.[2] ?? ''));
  return {
    targets: [...hosts].map(([text, field]) => ({ text, field })),
    ports: [{ text: [...numbers].join(','), field: COMMAND_LINE_FIELDS.targets }],
  };
}

const namedTexts = (texts: readonly string[] | undefined, field: string): Words =>
  (texts ?? []).map((text) => ({ text, field }));

async function readPortTexts(
  { ports, portsFile = [], topPorts, hostsOnly, discoveryPorts }: ScanOptions,
  ctx: CliContext,
): Promise<Result<Words>> {
  const found = [...namedTexts(ports, COMMAND_LINE_FIELDS.ports)];
  if (isFull(topPorts)) found.push({ text: '-', field: COMMAND_LINE_FIELDS.topPorts });
  if (hostsOnly) found.push(...namedTexts(discoveryPorts, '--discovery-ports'));
  const errors: ErrorValue[] = [];
  for (const file of portsFile) {
    const text = await readNamed(file, 'The list of ports', ctx);
    if (text.ok)
      found.push({
        text: text.value
          .replace(/#.*/g, '')
          .trim()
          .split(/[\s,]+/)
          .join(','),
        field: file,
      });
    else errors.push(...text.errors);
  }
  return errors.length > 0 ? err(...errors) : ok(found);
}

/**
 * One specification for all: "T:" and "U:" hold up to the end of the text they stand in, and not in the next one.
 * Undefined where none is given.
 */
export function addUpPorts(texts: Words, protocols: readonly Protocol[] | undefined): Result<string | undefined> {
  const whole = texts.map(({ text, field }) => ({ text: isFull(text) ? '-' : text, field }));
  const [first, second] = whole;
  if (!second) return ok(first?.text);
  const read = whole.map(({ text, field }) => parsePorts(text, field, protocols));
  const errors = read.flatMap((result) => (result.ok ? [] : result.errors));
  if (errors.length > 0) return err(...errors);
  const sets = read.flatMap((result) => (result.ok ? [result.value] : []));
  return ok(
    formatPorts(
      portSet(
        sets.flatMap(({ tcp }) => tcp),
        sets.flatMap(({ udp }) => udp),
      ),
    ),
  );
}
