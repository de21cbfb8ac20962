import { ErrorList } from '../domain/error-list.ts';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { intersectIntervals, mergeIntervals } from '../domain/intervals.ts';
import { type PortRange, type PortSet, portSet } from '../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../domain/probe.ts';
import { isPattern, portsOfService, registeredPorts } from '../domain/registry/services.ts';
import type { Result } from '../domain/result.ts';
import { HIGHEST_PORT, type PortNumber } from '../domain/units.ts';
import { nearestService, otherProtocolOf, rewritten } from './port-guesses.ts';

/*
 * nmap's grammar of ports, less what only its other scans take:
 *
 *   ports    = item *("," item)              spaces around an item do not matter
 *   item     = ["T:" / "U:"] ["["] word ["]"]   the protocol holds for all items up to the next one;
 *                                            between brackets only registered ports are meant, over several items
 *   word     = port / [port] "-" [port] / service name, in which * and ? are wildcards
 *
 * An open end of a range is 1 or 65535: port 0 is probed only when it is written.
 *
 * Each item is read once and each name looked up once, however often it is written, so that the time grows with the
 * length of the text and nothing else.
 */

/** A list has use for a few patterns; each costs a look at every name there is, some 0.4 ms. */
const MOST_PATTERNS = 32;

/** A piece of the text and where it begins. */
interface Piece {
  readonly text: string;
  readonly start: number;
}

/** What has been read so far. */
interface Reading {
  readonly text: string;
  readonly field: string;
  readonly errors: ErrorList;
  /** Errors that the same request had before. */
  readonly before: number;
  readonly written: Record<Protocol, PortRange[]>;
  /** What stands between brackets, where only registered ports are meant. */
  readonly bracketed: Record<Protocol, PortRange[]>;
  /** "tcp http": names that were read, so that each is looked up once. */
  readonly names: Set<string>;
  /** The items that are not empty as a text to be copied; undefined until it is needed. */
  withoutGaps?: string | undefined;
  patterns: number;
  protocols: readonly Protocol[];
  /** Where the bracket that is still open stands. */
  bracket: number | null;
}

/**
 * The ports that `text` means. Without "T:" or "U:" an item is of `defaultProtocols`. The set may be empty: "[4]" names
 * a port that is not registered. `before` is how many errors the same request has already. Errors: PORTS_UNREADABLE, PORT_OUT_OF_RANGE, PORT_RANGE_REVERSED, PORT_NAME_UNKNOWN.
 */
export function parsePorts(
  text: string,
  field: string,
  defaultProtocols: readonly Protocol[] = ['tcp'],
  before = 0,
): Result<PortSet> {
  const reading: Reading = {
    text,
    field,
    errors: new ErrorList(before),
    before,
    written: { tcp: [], udp: [] },
    bracketed: { tcp: [], udp: [] },
    names: new Set(),
    patterns: 0,
    protocols: defaultProtocols,
    bracket: null,
  };
  for (const item of itemsOf(text)) readItem(reading, item);
  if (reading.bracket !== null && !onlyCounted(reading)) {
    const open = { text: text.slice(reading.bracket), start: reading.bracket };
    complain(
      reading,
      open,
      'PORTS_UNREADABLE',
      'The bracket "[" is never closed.',
      `Write ${quoted(`${text.trim()}]`)}.`,
    );
  }
  return reading.errors.resultOf(() => portSet(portsFor(reading, 'tcp'), portsFor(reading, 'udp')));
}

function portsFor({ written, bracketed }: Reading, protocol: Protocol): PortRange[] {
  if (bracketed[protocol].length === 0) return written[protocol];
  const registered = mergeIntervals(registeredPorts(protocol).map((port): PortRange => [port, port]));
  return [...written[protocol], ...intersectIntervals(mergeIntervals(bracketed[protocol]), registered)];
}

/** Another error would only be counted; it is, and no sentence is made for it, nor a guess. */
function onlyCounted({ errors }: Reading): boolean {
  if (errors.isFull) errors.omit(1);
  return errors.isFull;
}

function complain(reading: Reading, piece: Piece, code: ErrorValue['code'], detail: string, hint?: string): void {
  const { text, field, errors } = reading;
  const at = { field, text, start: piece.start, end: piece.start + piece.text.length };
  errors.add(errorValue(code, detail, { at, ...(hint !== undefined && { hint }) }));
}

/** Without the white space around it. */
function trimmed({ text, start }: Piece): Piece {
  return { text: text.trim(), start: start + text.length - text.trimStart().length };
}

const after = ({ text, start }: Piece, count: number): Piece =>
  trimmed({ text: text.slice(count), start: start + count });

function itemsOf(text: string): Piece[] {
  let start = 0;
  return text.split(',').map((part) => {
    const piece = trimmed({ text: part, start });
    start += part.length + 1;
    return piece;
  });
}

function readItem(reading: Reading, item: Piece): void {
  let rest = readPrefix(reading, item);
  if (rest.text.startsWith('[') && reading.bracket === null) {
    reading.bracket = rest.start;
    rest = after(rest, 1);
  }
  const closes = rest.text.endsWith(']') && reading.bracket !== null;
  const word = closes ? trimmed({ ...rest, text: rest.text.slice(0, -1) }) : rest;
  readWord(reading, word, item);
  if (closes) reading.bracket = null;
}

const PREFIXES: Readonly<Record<string, Protocol>> = { t: 'tcp', u: 'udp' };

/** Takes "T:" or "U:" off the item; what follows is of that protocol. */
function readPrefix(reading: Reading, item: Piece): Piece {
  const letter = /^([a-z])\s*:/i.exec(item.text)?.[1];
  if (letter === undefined) return item;
  const protocol = PREFIXES[letter.toLowerCase()];
  if (protocol) reading.protocols = [protocol];
  else if (!onlyCounted(reading)) {
    const detail = `"${letter}:" is no protocol that is scanned.`;
    complain(
      reading,
      { text: letter, start: item.start },
      'PORTS_UNREADABLE',
      detail,
      'Write "T:" for TCP, "U:" for UDP.',
    );
  }
  return after(item, item.text.indexOf(':') + 1);
}

function readWord(reading: Reading, word: Piece, item: Piece): void {
  const [, port, first = port, last = port] = /^(?:(\d+)|(\d*)\s*-\s*(\d*))$/.exec(word.text) ?? [];
  if (word.text === '') {
    if (onlyCounted(reading)) return;
    const detail = item.text === '' ? 'A port is missing here.' : `${quoted(item.text)} names no port.`;
    complain(reading, item, 'PORTS_UNREADABLE', detail, item.text === '' ? hintWithoutGaps(reading) : undefined);
  } else if (first !== undefined && last !== undefined) readRange(reading, word, first, last);
  else if (/^[a-z0-9*?][a-z0-9*?-]*$/i.test(word.text) && /[a-z*?]/i.test(word.text)) readName(reading, word);
  else complainUnreadable(reading, word);
}

function hintWithoutGaps(reading: Reading): string | undefined {
  reading.withoutGaps ??= itemsOf(reading.text)
    .flatMap(({ text }) => text || [])
    .join(',');
  return reading.withoutGaps === '' ? undefined : `Write ${quoted(reading.withoutGaps)}.`;
}

function complainUnreadable(reading: Reading, word: Piece): void {
  if (onlyCounted(reading)) return;
  const guess = rewritten(word.text);
  const hint = guess !== undefined && parsePorts(guess, reading.field).ok ? `Did you mean "${guess}"?` : undefined;
  complain(reading, word, 'PORTS_UNREADABLE', `${quoted(word.text)} is no port, range or service name.`, hint);
}

/** `first` and `last` are digits, or nothing for an open end. */
function readRange(reading: Reading, word: Piece, first: string, last: string): void {
  const low = first === '' ? 1 : Number(first);
  const high = last === '' ? HIGHEST_PORT : Number(last);
  if (low > HIGHEST_PORT || high > HIGHEST_PORT) complainOutOfRange(reading, word, first, last);
  else if (low > high) {
    if (onlyCounted(reading)) return;
    const hint = high === 0 && first === '' ? 'Write "0" for port 0.' : `Did you mean "${high}-${low}"?`;
    complain(reading, word, 'PORT_RANGE_REVERSED', `${quoted(word.text)} goes from ${low} down to ${high}.`, hint);
  } else {
    const ports = reading.bracket === null ? reading.written : reading.bracketed;
    for (const protocol of reading.protocols) ports[protocol].push([low as PortNumber, high as PortNumber]);
  }
}

/** One error for each end that is no port. */
function complainOutOfRange(reading: Reading, word: Piece, first: string, last: string): void {
  const single = /^\d+$/.test(word.text);
  const starts = [0, word.text.length - last.length];
  for (const [index, digits] of (single ? [first] : [first, last]).entries()) {
    if (Number(digits) <= HIGHEST_PORT || onlyCounted(reading)) continue;
    const piece = { text: digits, start: word.start + (starts[index] ?? 0) };
    const upTo = index === 1 && Number(first) <= HIGHEST_PORT ? `Did you mean "${first}-${HIGHEST_PORT}"?` : undefined;
    complain(
      reading,
      piece,
      'PORT_OUT_OF_RANGE',
      `${digits.slice(0, 20)} is no port: the highest is ${HIGHEST_PORT}.`,
      upTo,
    );
  }
}

function readName(reading: Reading, word: Piece): void {
  const key = `${reading.protocols.join()} ${word.text.toLowerCase()}`;
  if (reading.names.has(key)) return;
  reading.names.add(key);
  if (isPattern(word.text) && ++reading.patterns > MOST_PATTERNS) {
    if (onlyCounted(reading)) return;
    const detail = `${quoted(word.text)} is one pattern too many: a list has ${MOST_PATTERNS} different ones at the most.`;
    complain(reading, word, 'PORTS_UNREADABLE', detail, 'Write ports and ranges instead.');
    return;
  }
  let found = 0;
  for (const protocol of reading.protocols) {
    const ports = portsOfService(word.text, protocol);
    for (const port of ports) reading.written[protocol].push([port, port]);
    found += ports.length;
  }
  if (found === 0) complainUnknown(reading, word);
}

function complainUnknown(reading: Reading, word: Piece): void {
  if (onlyCounted(reading)) return;
  const elsewhere = otherProtocolOf(word.text, reading.protocols);
  const near = nearestService(word.text, reading.protocols, reading.before + reading.errors.count);
  const hint = elsewhere ? `Write "${elsewhere}:${word.text}".` : near && `Did you mean "${near}"?`;
  const only = reading.protocols.length < PROTOCOLS.length ? ` for ${reading.protocols.join().toUpperCase()}` : '';
  complain(reading, word, 'PORT_NAME_UNKNOWN', `No service is called ${quoted(word.text)}${only}.`, hint);
}
