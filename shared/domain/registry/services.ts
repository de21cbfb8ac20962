import { PROTOCOLS, type Protocol } from '../probe.ts';
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
  return texts.map((text) => {
    const head = text.slice(0, text.indexOf(' '));
    const [first = 0, last] = head.split('-').map(Number);
    return { first, last: last ?? first + text.split(' ').length - 2, text };
  });
}

const LINES = { tcp: once(() => linesOf(TCP_SERVICES)), udp: once(() => linesOf(UDP_DIFFERENCES)) };

/** The entry of the port in a line that has one: "ssh", "http|www", or "-". */
function entryOf(line: Line, port: number): string {
  const words = line.text.split(' ');
  return words[Math.min(port - line.first + 1, words.length - 1)] ?? '-';
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

type Entry = readonly [port: PortNumber, names: string];

/** Every port with a name and its names, ascending. What UDP has otherwise comes last and so replaces. */
function allNames(protocol: Protocol): readonly Entry[] {
  const byPort: string[] = [];
  for (const lines of protocol === 'tcp' ? [LINES.tcp()] : [LINES.tcp(), LINES.udp()]) {
    for (const { first, last, text } of lines) {
      const words = text.split(' ');
      const final = words[words.length - 1] ?? '-';
      for (let port = first; port <= last; port++) byPort[port] = words[port - first + 1] ?? final;
    }
  }
  const entries: Entry[] = [];
  // Skips the ports that no line has, which are ten times as many as those that one has.
  byPort.forEach((names, port) => {
    if (names !== '-') entries.push([port as PortNumber, names]);
  });
  return entries;
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

/** Every registered or usual name in lower case, with its ports; names in the order of their first ports. */
function portsByName(protocol: Protocol): ReadonlyMap<string, readonly PortNumber[]> {
  const ports = new Map<string, PortNumber[]>();
  for (const [port, names] of [...REGISTERED[protocol](), ...USUAL_SERVICES[protocol]]) {
    for (const name of names.toLowerCase().split('|')) {
      const known = ports.get(name);
      if (known) known.push(port as PortNumber);
      else ports.set(name, [port as PortNumber]);
    }
  }
  return ports;
}

const PORTS_BY_NAME = { tcp: once(() => portsByName('tcp')), udp: once(() => portsByName('udp')) };

export const isPattern = (name: string): boolean => /[*?]/.test(name);

/** All those names, a line each: the machine code of one regular expression looks at them faster than a loop of ours. */
const NAME_LINES = {
  tcp: once(() => [...PORTS_BY_NAME.tcp().keys()].join('\n')),
  udp: once(() => [...PORTS_BY_NAME.udp().keys()].join('\n')),
};

/** No name of the registry is as long. */
const LONGEST_PATTERN = 64;

/**
 * A pattern as an expression for one line. "*?*" is "at least one": two stars that can share what they match in many ways
 * never stand side by side, so the expression has nothing to go back for.
 */
function lineFitting(pattern: string): RegExp {
  const source = pattern.replace(/[*?]+|[^*?]+/g, (part) => {
    if (!isPattern(part)) return part.replace(/[^a-z0-9]/g, '\\$&');
    const least = part.replaceAll('*', '').length;
    return part.includes('*') ? `.{${least},}` : `.{${least}}`;
  });
  return new RegExp(`^${source}$`, 'gm');
}

/**
 * The ports whose registered or usual name fits `pattern`: a name, or one with the wildcards * and ? ("http*"). Reads the
 * whole registry at the first call (see `readServiceNames`).
 */
export function portsOfService(pattern: string, protocol: Protocol): readonly PortNumber[] {
  const wanted = pattern.toLowerCase();
  const byName = PORTS_BY_NAME[protocol]();
  if (!isPattern(wanted)) return ascending(byName.get(wanted) ?? []);
  if (wanted.replaceAll('*', '').length > LONGEST_PATTERN) return [];
  const names = NAME_LINES[protocol]().match(lineFitting(wanted)) ?? [];
  return ascending(names.flatMap((name) => byName.get(name) ?? []));
}

const ascending = (ports: readonly PortNumber[]): readonly PortNumber[] => [...new Set(ports)].sort((a, b) => a - b);

/** Every registered or usual name once, in lower case. */
export const serviceNames = (protocol: Protocol): Iterable<string> => PORTS_BY_NAME[protocol]().keys();

/**
 * Reads the whole registry, some 50 ms of work that the first request with a name in it would else have to do: for a
 * server, before it listens.
 */
export function readServiceNames(): void {
  for (const protocol of PROTOCOLS) NAME_LINES[protocol]();
}
