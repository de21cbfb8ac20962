import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { err, ok, type Result } from '../domain/result.ts';
import {
  DEFAULT_TIMING,
  TIMING_NAMES,
  TIMING_TEMPLATES,
  TIMING_WORDS,
  type Timing,
  type TimingName,
} from '../domain/timing-template.ts';
import { millis } from '../domain/units.ts';
import type { FieldNames } from './request-fields.ts';

/** A value as it came: a string from a command line, a number from JSON; undefined where it was not given. */
export type RawValue = string | number | undefined;

/** The user's words on timing. */
export interface RawTiming {
  /** "T4", "4" or "aggressive". */
  readonly timing?: RawValue;
  /** Seconds ("0.5"), or with a unit ("500ms", "2s"). */
  readonly timeout?: RawValue;
  readonly retries?: RawValue;
  /** Probes a second to one target; "none" lifts the limit. 0 is refused: flooding should be asked for by its name. */
  readonly rate?: RawValue;
  readonly sockets?: RawValue;
  /** Bounds of the wait that follows from a target's round trips; each finer than `timeout`, which sets two of them. */
  readonly minRttTimeout?: RawValue;
  readonly initialRttTimeout?: RawValue;
  readonly maxRttTimeout?: RawValue;
  /** Probes a second to one target that are sent even where its answers call for fewer. */
  readonly minRate?: RawValue;
  /** How long one target may take: seconds, or with a unit ("30m"). */
  readonly hostTimeout?: RawValue;
}

export interface ParsedTiming {
  readonly timing: Timing;
  /** The user wrote a rate; the template's own may be lifted on one's own machine, this one not. */
  readonly rateIsWritten: boolean;
  readonly sockets: number | null;
}

/** Where no timing could be read. */
export const NO_TIMING: ParsedTiming = {
  timing: TIMING_TEMPLATES[DEFAULT_TIMING],
  rateIsWritten: false,
  sockets: null,
};

/** As long as the slowest template waits; a host that takes longer for one answer is of no use to anyone. */
const LONGEST_TIMEOUT_SECONDS = 300;

/** A timer of Node is no finer than 1 ms. */
const SHORTEST_TIMEOUT_SECONDS = 0.001;

/** Where every second packet is lost, 20 retries miss one port in two million. */
const MOST_RETRIES = 20;

/** All that the template, and the options that refine it, say; every error at once (OPTION_UNREADABLE). */
export function parseTiming(raw: RawTiming, fields: FieldNames): Result<ParsedTiming> {
  const errors: ErrorValue[] = [];
  const read = <Value>(value: RawValue, field: string, { parse, takes }: Reader<Value>): Value | undefined => {
    const text = value === undefined ? undefined : String(value).trim();
    const parsed = text === undefined ? undefined : parse(text);
    if (text !== undefined && parsed === undefined) errors.push(unreadableOption(field, text, takes));
    return parsed;
  };
  const template = TIMING_TEMPLATES[read(raw.timing, fields.timing, TEMPLATE) ?? DEFAULT_TIMING];
  const timeout = read(raw.timeout, fields.timeout, TIMEOUT);
  const retries = read(raw.retries, fields.retries, RETRIES);
  const rate = read(raw.rate, fields.rate, RATE);
  const sockets = read(raw.sockets, fields.sockets, SOCKETS);
  const minRate = read(raw.minRate, fields.minRate, LEAST_RATE);
  const hostTimeout = read(raw.hostTimeout, fields.hostTimeout, HOST_TIMEOUT);
  const bounds = {
    min: read(raw.minRttTimeout, fields.minRttTimeout, TIMEOUT),
    initial: read(raw.initialRttTimeout, fields.initialRttTimeout, TIMEOUT),
    max: read(raw.maxRttTimeout, fields.maxRttTimeout, TIMEOUT),
  };
  errors.push(...contradictions(bounds, fields), ...ratesApart(rate?.perSecond, minRate, fields));
  if (errors.length > 0) return err(...errors);
  const base = { ...template, ...(timeout !== undefined && timeouts(template, timeout)) };
  const timing: Timing = {
    ...base,
    ...bounded(base, bounds),
    ...(retries !== undefined && { maxAttempts: retries + 1 }),
    ...(rate !== undefined && { ratePerTarget: rate.perSecond }),
    ...(minRate !== undefined && forced(minRate, rate ? rate.perSecond : template.ratePerTarget)),
    ...(hostTimeout !== undefined && { hostTimeout: millis(hostTimeout * 1000) }),
  };
  return ok({ timing, rateIsWritten: rate !== undefined, sockets: sockets ?? null });
}

/** The timeout that the user gives is the longest wait, and the first; a target that answers fast shortens it. */
function timeouts(template: Timing, seconds: number): Partial<Timing> {
  const longest = millis(seconds * 1000);
  const shortest = millis(Math.min(template.minRttTimeout, longest));
  return { initialRttTimeout: longest, maxRttTimeout: longest, minRttTimeout: shortest };
}

/** Seconds, where they were written. */
interface RttBounds {
  readonly min: number | undefined;
  readonly initial: number | undefined;
  readonly max: number | undefined;
}

/** What the user wrote stands; what comes from the template gives way, as with nmap. */
function bounded(base: Timing, { min, initial, max }: RttBounds): Partial<Timing> {
  const inMillis = (seconds: number | undefined): number | undefined => seconds && seconds * 1000;
  const written = [min, initial, max].flatMap((each) => inMillis(each) ?? []);
  const [least, most] = [Math.min(...written), Math.max(...written)];
  if (written.length === 0) return {};
  const longest = inMillis(max) ?? Math.max(base.maxRttTimeout, most);
  const shortest = inMillis(min) ?? Math.min(base.minRttTimeout, least);
  const first = inMillis(initial) ?? Math.min(longest, Math.max(shortest, base.initialRttTimeout));
  return { minRttTimeout: millis(shortest), initialRttTimeout: millis(first), maxRttTimeout: millis(longest) };
}

function contradictions({ min = 0, initial, max = Number.POSITIVE_INFINITY }: RttBounds, fields: FieldNames) {
  const isMore = (one: string, other: string): ErrorValue =>
    errorValue('OPTIONS_CONFLICT', `${one} is longer than ${other}.`, { hint: 'Write the longer one as the longest.' });
  return [
    ...(min > max ? [isMore(fields.minRttTimeout, fields.maxRttTimeout)] : []),
    ...(initial !== undefined && initial > max ? [isMore(fields.initialRttTimeout, fields.maxRttTimeout)] : []),
    ...(initial !== undefined && min > initial ? [isMore(fields.minRttTimeout, fields.initialRttTimeout)] : []),
  ];
}

function ratesApart(most: number | null | undefined, least: number | undefined, fields: FieldNames): ErrorValue[] {
  if (most == null || least === undefined || least <= most) return [];
  const detail = `${fields.minRate} asks for more probes a second than ${fields.rate} allows.`;
  return [errorValue('OPTIONS_CONFLICT', detail, { hint: `Leave ${fields.rate} out, or write it as the larger one.` })];
}

/** A rate that is forced lifts the template's own where that is lower. */
const forced = (least: number, most: number | null): Partial<Timing> => ({
  minRatePerTarget: least,
  ratePerTarget: most === null ? null : Math.max(most, least),
});

/** Reads one option; `takes` says what it takes. */
export interface Reader<Value> {
  readonly parse: (text: string) => Value | undefined;
  readonly takes: string;
}

export function unreadableOption(field: string, text: string, takes: string): ErrorValue {
  const at = { field, text, start: 0, end: text.length };
  return errorValue('OPTION_UNREADABLE', `${field} cannot be ${quoted(text)}.`, { at, hint: `Write ${takes}.` });
}

/** A whole number from `least` to `most`; nothing else that JavaScript takes for a number ("1e3", "0x10", ""). */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

const DECIMAL = /^(?:\d+\.?\d*|\.\d+)$/;

const TEMPLATE: Reader<TimingName> = {
  takes: `T0 to T5, or ${Object.keys(TIMING_WORDS).join(', ')}`,
  parse: (text) => {
    const words: Readonly<Record<string, TimingName>> = TIMING_WORDS;
    const word = text.toLowerCase();
    return Object.hasOwn(words, word)
      ? words[word]
      : TIMING_NAMES.find((name) => [name, name[1]].includes(text.toUpperCase()));
  },
};

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, ms: 0.001, m: 60, h: 3_600 };

/** The seconds of a time as nmap writes it; NaN for anything else. */
function secondsOf(text: string): number {
  const [, digits = '', unit = ''] = /^([\d.]+)\s*(ms|s|m|h|)$/i.exec(text) ?? [];
  return DECIMAL.test(digits) ? Number(digits) * (UNITS[unit.toLowerCase()] ?? 1) : Number.NaN;
}

const TIMEOUT: Reader<number> = {
  takes: `seconds from ${SHORTEST_TIMEOUT_SECONDS} to ${LONGEST_TIMEOUT_SECONDS}, such as 0.5 or 500ms`,
  parse: (text) => {
    const seconds = secondsOf(text);
    return seconds >= SHORTEST_TIMEOUT_SECONDS && seconds <= LONGEST_TIMEOUT_SECONDS ? seconds : undefined;
  },
};

const RETRIES: Reader<number> = {
  takes: `a whole number from 0 to ${MOST_RETRIES}`,
  parse: (text) => wholeNumber(text, 0, MOST_RETRIES),
};

const RATE: Reader<{ readonly perSecond: number | null }> = {
  takes: 'a number of probes per second above 0, or "none" for no limit',
  parse: (text) => {
    if (text.toLowerCase() === 'none') return { perSecond: null };
    const perSecond = DECIMAL.test(text) ? Number(text) : 0;
    return perSecond > 0 && Number.isFinite(perSecond) ? { perSecond } : undefined;
  },
};

const LEAST_RATE: Reader<number> = {
  takes: 'a number of probes per second above 0',
  parse: (text) => RATE.parse(text)?.perSecond ?? undefined,
};

/** A month: whoever waits longer for one host has forgotten it. */
const LONGEST_HOST_TIMEOUT_SECONDS = 30 * 86_400;

const HOST_TIMEOUT: Reader<number> = {
  takes: 'a time up to 720 hours, such as 90, 30m or 2h',
  parse: (text) => {
    const seconds = secondsOf(text);
    return seconds >= SHORTEST_TIMEOUT_SECONDS && seconds <= LONGEST_HOST_TIMEOUT_SECONDS ? seconds : undefined;
  },
};

const SOCKETS: Reader<number> = {
  takes: 'a whole number of at least 1',
  parse: (text) => wholeNumber(text, 1, Number.MAX_SAFE_INTEGER),
};
