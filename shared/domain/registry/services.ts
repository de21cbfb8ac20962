import type { Protocol } from '../probe.ts';
import type { PortNumber } from '../units.ts';
import { TCP_SERVICES, UDP_DIFFERENCES } from './service-table.ts';
import { USUAL_SERVICES } from './usual-services.ts';

/** What a port without a name is called. */
export const NO_SERVICE = 'unavailable';

/** A line of the table: the names of the ports from `first` to `last`, one each, or one name for them all. */
interface Line {
  readonly first: number;
  readonly last: number;
  /** Read only when the line is looked at. */
  readonly text: string;
  readonly lowerCase: string;
}

/** The work is done on the first call: a command that shows no service does not spend its milliseconds. */
function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function linesOf(table: string): Line[] {
  const texts = table.trim().split('\n');
  const inLowerCase = table.toLowerCase().trim().split('\n');
  return texts.map((text, index) => {
    const head = text.slice(0, text.indexOf(' '));
    const [first = 0, last] = head.split('-').map(Number);
    return { first, last: last ?? first + text.split(' ').length - 2, text, lowerCase: inLowerCase[index] ?? '' };
  });
}

const LINES = { tcp: once(() => linesOf(TCP_SERVICES)), udp: once(() => linesOf(UDP_DIFFERENCES)) };

/** The entry of the port in a line that has one: "ssh", "http|www", or "-". */
function entryOf(line: Line, port: number): string {
  const words = line.text.split(' ');
  return words[Math.min(port - line.first + 1, words.length - 1)] ?? '-';
}

type Entry = readonly [port: PortNumber, names: string];

/** Every port of the line with its entry. */
function entriesOf({ first, last, text }: Line): Entry[] {
  const words = text.split(' ');
  const entry = (_: unknown, at: number): Entry => [(first + at) as PortNumber, words[at + 1] ?? words.at(-1) ?? '-'];
  return Array.from({ length: last - first + 1 }, entry);
}

function findEntry(lines: readonly Line[], port: number): string | undefined {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.last ?? 0) < port) low = middle + 1;
    else high = middle;
  }
  const line = lines[low];
  return line && line.first <= port ? entryOf(line, port) : undefined;
}

/** All names of the port: "http|www", or "-" where it has none. */
function namesOf(protocol: Protocol, port: number): string {
  const own = protocol === 'udp' ? findEntry(LINES.udp(), port) : undefined;
  return own ?? findEntry(LINES.tcp(), port) ?? '-';
}

const linesFor = (protocol: Protocol): readonly Line[] =>
  protocol === 'tcp' ? LINES.tcp() : [...LINES.tcp(), ...LINES.udp()];

/** Every port with a name and its names, ascending. What UDP has otherwise comes last and so replaces. */
function allNames(protocol: Protocol): readonly Entry[] {
  const names = new Map(linesFor(protocol).flatMap(entriesOf));
  return [...names].filter(([, entry]) => entry !== '-').sort(([a], [b]) => a - b);
}

const REGISTERED = { tcp: once(() => allNames('tcp')), udp: once(() => allNames('udp')) };

/** The registry's name of the port, or "unavailable". Where it has several, the first, as getservbyport does. */
export function serviceName(protocol: Protocol, port: number): string {
  const [first = '-'] = namesOf(protocol, port).split('|', 1);
  return first === '-' ? NO_SERVICE : first;
}

/**
 * The service that engineers expect on the port where the registry says something else or nothing (9200 elasticsearch,
 * 6443 kubernetes-api). Undefined where the registry's name is what they expect too.
 */
export function usualService(protocol: Protocol, port: number): string | undefined {
  return USUAL_SERVICES[protocol].get(port);
}

/** Every port that the registry has a name for, ascending. */
export function registeredPorts(protocol: Protocol): readonly PortNumber[] {
  return REGISTERED[protocol]().map(([port]) => port);
}

/**
 * Does `name` fit `pattern`, where * stands for any letters and ? for one? Both in one case. Never goes back further
 * than to the last *, so that a pattern of many stars costs no more than its length times that of the name.
 */
function fits(name: string, pattern: string): boolean {
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[from] === '*') {
      star = from++;
      resume = at;
    } else if (pattern[from] === '?' || (from < pattern.length && pattern[from] === name[at])) {
      at++;
      from++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++resume;
    } else return false;
  }
  while (pattern[from] === '*') from++;
  return from === pattern.length;
}

/** The ports that have the text somewhere in their names, in either table: few, and found without reading the rest. */
function candidates(text: string, protocol: Protocol): Entry[] {
  return linesFor(protocol)
    .filter(({ lowerCase }) => lowerCase.includes(text))
    .flatMap((line) => entriesOf(line).filter(([, names]) => names.toLowerCase().includes(text)))
    .map(([port]) => [port, namesOf(protocol, port)]);
}

/** The ports whose registered or usual name fits `pattern`: a name, or one with the wildcards * and ? ("http*"). */
export function portsOfService(pattern: string, protocol: Protocol): readonly PortNumber[] {
  const wanted = pattern.toLowerCase();
  const registered = /[*?]/.test(wanted) ? REGISTERED[protocol]() : candidates(wanted, protocol);
  const ports = new Set<PortNumber>();
  for (const [port, names] of [...registered, ...USUAL_SERVICES[protocol]]) {
    const fitting = names !== '-' && names.split('|').some((name) => fits(name.toLowerCase(), wanted));
    if (fitting) ports.add(port as PortNumber);
  }
  return [...ports].sort((a, b) => a - b);
}

/** Every registered or usual name, in lower case; a service with several ports is there several times. */
export function serviceNames(protocol: Protocol): readonly string[] {
  const registered = REGISTERED[protocol]().flatMap(([, names]) => names.split('|'));
  return [...registered, ...USUAL_SERVICES[protocol].values()].map((name) => name.toLowerCase());
}
