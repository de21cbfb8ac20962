import { formatIpv4 } from '../domain/addresses/ip-literal.ts';
import { errorValue, type Place } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { err, type Result } from '../domain/result.ts';

/** One target as it is being read: the word itself, and the option or field it came from. */
export interface TargetText {
  readonly text: string;
  readonly field: string;
  /** The request has as many errors as are told: whatever is wrong with this target is only counted. */
  readonly isOnlyCounted?: boolean;
}

export interface Complaint {
  readonly hint?: string | undefined;
  /** Where in the text the error lies; all of it when left out. */
  readonly part?: readonly [start: number, end: number];
}

/** Where the target stands, or that part of it. */
export function placeOf({ text, field }: TargetText, part?: Complaint['part']): Place {
  const [start, end] = part ?? [0, text.length];
  return { field, text, start, end };
}

const ONLY_COUNTED = err({ ...errorValue('ERRORS_OMITTED', 'And one more.'), omitted: 1 });

/** The error TARGET_UNREADABLE, with its place. */
export function unreadable(target: TargetText, detail: string, { hint, part }: Complaint = {}): Result<never> {
  if (target.isOnlyCounted) return ONLY_COUNTED;
  const at = placeOf(target, part);
  return err(errorValue('TARGET_UNREADABLE', detail, { at, ...(hint !== undefined && { hint }) }));
}

/** More words than this in a hint are nothing to copy from. */
const MOST_WORDS = 8;

/** The hint where one word holds several targets. */
export const writeApart = (words: readonly string[]): string =>
  words.length > MOST_WORDS ? 'Write them apart, each as a target of its own.' : `Write them apart: ${words.join(' ')}`;

/** One number of an address as the old C library reads it: decimal, octal after 0, hex after 0x. */
function looseNumber(text: string): number | undefined {
  if (/^0x[0-9a-f]*$/i.test(text)) return text.length === 2 ? 0 : Number(text);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

/** Would inet_aton take the text for an address? "127.1", "0x7f.1", "2130706433", also with numbers too large. */
export const looksLikeIpv4 = (text: string): boolean => /^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*$/i.test(text);

/** The dotted quad that inet_aton makes of the text: one to four numbers, of which the last fills what is left. */
export function meantIpv4(text: string): string | undefined {
  const numbers = text.split('.').map(looseNumber);
  const last = numbers.pop();
  if (last === undefined || numbers.length > 3 || last >= 256 ** (4 - numbers.length)) return undefined;
  let value = last;
  for (const [index, number] of numbers.entries()) {
    if (number === undefined || number > 255) return undefined;
    value += number * 256 ** (3 - index);
  }
  return formatIpv4(value);
}

/** A target with something around its host that a scan has no use for, and what to write instead. */
export function withoutDecoration(text: string): { readonly detail: string; readonly hint: string } | undefined {
  const [, urlHost] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(text) ?? [];
  if (urlHost) return { detail: `${quoted(text)} is a URL.`, hint: `Write the host alone: ${quoted(urlHost)}.` };
  const [, userHost] = /^[^@/]+@([^@/]+)$/.exec(text) ?? [];
  if (userHost) return { detail: `${quoted(text)} names a user.`, hint: `Write the host alone: ${quoted(userHost)}.` };
  const [, host, port] = /^([^:/[\]]+|\[[^\]]*\]):(\d*)$/.exec(text) ?? [];
  if (!host) return undefined;
  const among = port ? `, and ${port.slice(0, 8)} among the ports` : '';
  return { detail: `${quoted(text)} has a port with it.`, hint: `Write the host alone: ${quoted(host)}${among}.` };
}
