import type { Span } from '../domain/addresses/address-line.ts';
import { ErrorList } from '../domain/error-list.ts';
import { quoted } from '../domain/excerpt.ts';
import { type Interval, mergeIntervals } from '../domain/intervals.ts';
import { ok, type Result } from '../domain/result.ts';
import { meantIpv4, type TargetText, unreadable, writeApart } from './target-text.ts';

/** Numbers from 0 to 255, merged. */
type OctetRanges = readonly Interval<number>[];

const HIGHEST = 255;

/** How many separate ranges all words of a request together may come to, and how many of them are left. */
export interface RangeBudget {
  readonly most: number;
  readonly left: number;
}

/**
 * As many as two octets that vary freely make before one that has gaps (10.0-255.0-255.1-254): the plan lists every
 * range.
 */
export const ANY_RANGES: RangeBudget = { most: 65_536, left: 65_536 };

/**
 * nmap's octet ranges: four octets, each a list of numbers and ranges between commas: "10.0.0-3.1-254", "10.0.0.1,5",
 * "10.0.*.1", where "-" and "*" are all of them and an open end is 0 or 255. More separate ranges than the budget
 * has left are refused before they are made.
 */
export function parseOctets(target: TargetText, text: string, budget: RangeBudget): Result<Span[]> {
  const words = text.split('.');
  if (words.length !== 4) return wrongCount(target, text, words.length);
  const errors = new ErrorList();
  const octets: OctetRanges[] = [];
  let start = Math.max(0, target.text.indexOf(text));
  for (const word of words) {
    octets.push(parseOctet(target, word, start, errors));
    start += word.length + 1;
  }
  const spans = errors.count === 0 ? spansOf(octets, budget.left) : [];
  return spans ? errors.resultOf(() => spans) : tooManyRanges(target, budget);
}

function tooManyRanges(target: TargetText, { left, most }: RangeBudget): Result<never> {
  const limit = `more than ${most} separate ranges`;
  const detail =
    left === most ? `${quoted(target.text)} is ${limit}.` : `With ${quoted(target.text)} the targets are ${limit}.`;
  return unreadable(target, detail, { hint: 'Write a CIDR block, and exclude what is not meant.' });
}

function wrongCount(target: TargetText, text: string, count: number): Result<never> {
  const apart = text.split(',').filter(Boolean);
  if (apart.length > 1 && apart.every((word) => word.split('.').length === 4)) {
    return unreadable(target, `${quoted(target.text)} is several targets.`, { hint: writeApart(apart) });
  }
  const meant = meantIpv4(text);
  const detail = `${quoted(target.text)} has ${count} ${count === 1 ? 'number' : 'numbers'}, an IPv4 address has four.`;
  return unreadable(target, detail, {
    hint: meant && `Some programs read it as ${meant}: if that is meant, write so.`,
  });
}

function parseOctet(target: TargetText, text: string, start: number, errors: ErrorList): OctetRanges {
  const ranges: Interval<number>[] = [];
  const counted = { ...target, isOnlyCounted: true };
  let at = start;
  for (const word of text.split(',')) {
    const range = errors.valueOf(parseOctetRange(errors.isFull ? counted : target, word, at));
    if (range) ranges.push(range);
    at += word.length + 1;
  }
  return mergeIntervals(ranges);
}

function parseOctetRange(target: TargetText, word: string, start: number): Result<Interval<number>> {
  const part = [start, start + word.length] as const;
  if (word === '*') return ok([0, HIGHEST]);
  const [, first, dash, last] = /^(\d*)(-?)(\d*)$/.exec(word) ?? [];
  if (first === undefined || word === '') {
    return unreadable(target, `${quoted(target.text)} lacks a number here.`, {
      part: word === '' ? [Math.max(0, start - 1), start] : part,
    });
  }
  for (const digits of [first, last ?? '']) {
    if (/^0\d/.test(digits)) return leadingZero(target, digits, part);
    if (Number(digits) > HIGHEST) {
      const detail = `${quoted(digits)} is more than ${HIGHEST}, the highest number in an IPv4 address.`;
      return unreadable(target, detail, { part });
    }
  }
  const low = Number(first);
  const high = dash ? Number(last === '' ? HIGHEST : last) : low;
  if (low <= high) return ok([low, high]);
  return unreadable(target, `"${word}" ends before it starts.`, { part, hint: `Did you mean "${high}-${low}"?` });
}

/** As many digits as an octet of any spelling has. */
const LONGEST_OCTET = 4;

function leadingZero(target: TargetText, digits: string, part: readonly [number, number]): Result<never> {
  const octal = /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
  const hint =
    digits.length > LONGEST_OCTET
      ? undefined
      : `Write ${Number(digits)}${octal === undefined ? '' : `, or ${octal} if octal is meant`}.`;
  return unreadable(target, `${quoted(digits)} begins with a zero, which some programs read as octal.`, { part, hint });
}

const isWhole = ([first]: OctetRanges): boolean => first?.[0] === 0 && first[1] === HIGHEST;

const countNumbers = (octet: OctetRanges): number => octet.reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** How many separate ranges the octets come to; counted before any is made, because a body has room for thousands of words. */
function countRanges(octets: readonly OctetRanges[]): number {
  let [count, complete] = [1, true];
  for (const octet of [...octets].reverse()) {
    count *= complete ? octet.length : countNumbers(octet);
    complete &&= isWhole(octet);
  }
  return count;
}

/** From the last octet to the first: while those behind are complete, a range of numbers stays one range. */
function spansOf(octets: readonly OctetRanges[], mostRanges: number): Span[] | undefined {
  if (countRanges(octets) > Math.max(1, mostRanges)) return undefined;
  let spans: [number, number][] = [[0, 0]];
  let [size, complete] = [1, true];
  for (const octet of [...octets].reverse()) {
    const numbers = complete ? octet : octet.flatMap(([first, last]) => everyOne(first, last));
    spans = numbers.flatMap(([first, last]) =>
      spans.map(([low, high]): [number, number] => [first * size + low, last * size + high]),
    );
    size *= HIGHEST + 1;
    complete &&= isWhole(octet);
  }
  return spans;
}

const everyOne = (first: number, last: number): OctetRanges =>
  Array.from({ length: last - first + 1 }, (_, index) => [first + index, first + index] as const);
