import type { PortRange } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import { type EpochMillis, epochMillis, type PortNumber, portNumber } from '../../domain/units.ts';

/** Values that another program wrote. Each gives undefined where the text is not what it should be. */

/**
 * What should be a text or a number, as a text. A list or an object has none: the runtime's own would call itself for each
 * level of a list, more than a stack has, and of an object what `toString` names in it, which need not be a function.
 */
export const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? 'no text' : String(value);

/** A port's number, as a text or a number. */
export const readPort = (value: unknown): PortNumber | undefined => portNumber(Number(textOf(value)));

export const readProtocol = (text: string | undefined): Protocol | undefined =>
  PROTOCOLS.find((protocol) => protocol === text);

/** A number in decimal digits, with a fraction perhaps. */
export const readNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;

/** The last millisecond that a Date can hold (ECMA-262, 21.4.1.1). */
const LAST_MILLISECOND = 8.64e15;

/** A time in milliseconds or, with `unit` 1000, in seconds since 1970. */
export function readTime(text: string | undefined, unit: 1 | 1000): EpochMillis | undefined {
  const value = readNumber(text);
  return value !== undefined && value * unit <= LAST_MILLISECOND ? epochMillis(value * unit) : undefined;
}

/** nmap's list of ports, "22,80,8000-9000": numbers only, ascending. */
export function readPortList(text: string | undefined): PortRange[] | undefined {
  if (text === undefined) return undefined;
  if (text === '') return [];
  const ranges = text.split(',').map((piece): PortRange | undefined => {
    const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(piece) ?? [];
    const first = from === undefined ? undefined : portNumber(Number(from));
    const last = to === undefined ? first : portNumber(Number(to));
    return first !== undefined && last !== undefined && first <= last ? [first, last] : undefined;
  });
  const known = ranges.filter((range) => range !== undefined);
  return known.length === ranges.length ? known : undefined;
}
