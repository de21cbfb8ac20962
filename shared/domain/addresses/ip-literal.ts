/**
 * Addresses as text and as numbers, both ways. Written here and not taken from the package `ip-address`, because that
 * package adds 33 KB and some 10 ms to the start of every command and worker, and 5 µs to every address. The tests hold
 * these functions against node:net.
 */

const ZERO = 48;
const DOT = 46;

/**
 * The number of a dotted quad in its one strict form: four decimal numbers up to 255 without leading zeros. Sign by sign,
 * because a list may have hundreds of thousands of them, and pieces of text are memory.
 */
export function parseIpv4(text: string): number | undefined {
  if (text.length < 7 || text.length > 15) return undefined;
  let [value, octet, digits, dots] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === DOT) {
      if (digits === 0 || dots === 3) return undefined;
      value = value * 256 + octet;
      octet = digits = 0;
      dots++;
      continue;
    }
    const digit = sign - ZERO;
    if (digit < 0 || digit > 9 || (digits > 0 && octet === 0)) return undefined;
    octet = octet * 10 + digit;
    digits++;
    if (octet > 255) return undefined;
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : undefined;
}

export const formatIpv4 = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

const GROUP = /^[0-9a-f]{1,4}$/i;

/** "a:b:1.2.3.4" as groups of four hex digits; undefined where one of them is none. */
function groupsOf(text: string, quadAllowed: boolean): string[] | undefined {
  if (text === '') return [];
  const groups: string[] = [];
  const words = text.split(':');
  for (const [index, word] of words.entries()) {
    const quad = quadAllowed && index === words.length - 1 ? parseIpv4(word) : undefined;
    if (quad !== undefined) groups.push(...(quad.toString(16).padStart(8, '0').match(/.{4}/g) ?? []));
    else if (GROUP.test(word)) groups.push(word.padStart(4, '0'));
    else return undefined;
  }
  return groups;
}

/** The number of an IPv6 address in any form of RFC 4291 section 2.2, without zone, prefix length or brackets. */
export function parseIpv6(text: string): bigint | undefined {
  if (!text.includes(':')) return undefined;
  const [left = '', right, ...more] = text.split('::');
  const head = groupsOf(left, right === undefined);
  const tail = groupsOf(right ?? '', true);
  if (!head || !tail || more.length > 0) return undefined;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  return BigInt(`0x${[...head, ...Array<string>(missing).fill('0000'), ...tail].join('')}`);
}

/** Where the longest run of two or more zero groups begins and ends, the first of equals (RFC 5952 section 4.2). */
function longestZeros(groups: readonly string[]): readonly [start: number, end: number] {
  let best: readonly [number, number] = [0, 1];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === '0') end++;
    if (end - start > best[1] - best[0]) best = [start, end];
    start = Math.max(start, end - 1);
  }
  return best[1] - best[0] > 1 ? best : [8, 8];
}

const MAPPED_IPV4 = 0xffffn;

/** The spelling of RFC 5952: lower case, no leading zeros, the longest zeros as "::", mapped IPv4 dotted (section 5). */
export function formatIpv6(value: bigint): string {
  if (value >> 32n === MAPPED_IPV4) return `::ffff:${formatIpv4(Number(value & 0xffff_ffffn))}`;
  const digits = value.toString(16).padStart(32, '0');
  const groups = (digits.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, ''));
  const [start, end] = longestZeros(groups);
  if (start === end) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(end).join(':')}`;
}
