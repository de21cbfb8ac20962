import { ErrorList } from '../domain/error-list.ts';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { type EpochMillis, millis } from '../domain/units.ts';
import type { QuietHours, WatchExpectation, WatchRequest, WatchSchedule, WatchSpec } from '../domain/watch.ts';
import { parseRequest } from '../request/parse-request.ts';
import { unreadableOption } from '../request/parse-timing.ts';
import type { FieldNames } from '../request/request-fields.ts';
import { readExpectation } from './read-expectation.ts';
import { parseReceiver, type WatchPlace } from './receiver.ts';
import { cronFault } from './schedule.ts';

/** A watch in the user's words, from a command line, a file or a JSON body: nothing in it has been looked at yet. */
export interface RawWatch extends WatchRequest {
  readonly name?: string;
  /** "6h", "30m", "1d". */
  readonly every?: string;
  readonly cron?: string;
  /** An IANA name, for the times of `cron` and of `quietHours`. */
  readonly zone?: string;
  /** A list of ports; or, as `expectDocument`, what a file for --expect holds. */
  readonly expect?: string;
  readonly expectDocument?: string;
  readonly expectExact?: boolean;
  /** "22:00-07:00". */
  readonly quietHours?: string;
  readonly notify?: readonly string[];
}

/** What each part of a watch is called where the user wrote it. */
export interface WatchFieldNames extends FieldNames {
  readonly name: string;
  readonly every: string;
  readonly cron: string;
  readonly zone: string;
  readonly expect: string;
  readonly quietHours: string;
  readonly notify: string;
}

export interface ReadWatchDeps {
  readonly fields: WatchFieldNames;
  readonly place: WatchPlace;
  /** Where times are meant, unless the watch says so. */
  readonly zone: string;
  readonly now: EpochMillis;
}

/** What the owner of a watch wrote, read; every error at once. Names of hosts are not resolved: every run does that. */
export async function readWatch(raw: RawWatch, deps: ReadWatchDeps): Promise<Result<WatchSpec>> {
  const { fields } = deps;
  const request = requestOf(raw);
  const expect = await readExpect(raw, fields);
  const parts = [
    readName(raw, fields),
    parseRequest(request, fields),
    readSchedule(raw, deps),
    expect,
    readQuietHours(raw, deps),
    readReceivers(raw, deps),
  ] as const;
  const errors = new ErrorList();
  for (const part of parts) if (!part.ok) errors.add(...part.errors);
  const [name, , schedule, , quietHours, notify] = parts;
  if (!name.ok || !schedule.ok || !expect.ok || !quietHours.ok || !notify.ok || errors.count > 0) {
    return err(...errors.all());
  }
  return ok({
    name: name.value,
    request,
    schedule: schedule.value,
    expect: expect.value,
    quietHours: quietHours.value,
    notify: notify.value,
  });
}

/** Each of them is told of every alert. */
const MOST_RECEIVERS = 32;

function readReceivers({ notify = [] }: RawWatch, { fields, place }: ReadWatchDeps): Result<readonly string[]> {
  const texts = [...new Set(notify)];
  if (texts.length > MOST_RECEIVERS) {
    const detail = `${texts.length.toLocaleString('en')} receivers are too many: a watch tells ${MOST_RECEIVERS}.`;
    return err(errorValue('OPTION_UNREADABLE', detail, { hint: 'Name one that passes on what it is told.' }));
  }
  const errors = new ErrorList();
  for (const text of texts) errors.valueOf(parseReceiver(text, fields.notify, place));
  return errors.resultOf(() => texts);
}

/** The members of a request alone, without those that are not there, so that equal requests are equal as JSON. */
function requestOf(raw: RawWatch): WatchRequest {
  const { targets, exclude, ports, topPorts, excludePorts, protocols, timing, timeout, retries, rate, family, detect } =
    raw;
  const all = {
    targets,
    exclude,
    ports,
    topPorts,
    excludePorts,
    protocols,
    timing,
    timeout,
    retries,
    rate,
    family,
    detect,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as WatchRequest;
}

/** Names stand in paths of the API, in file names of reports and in subjects of mails. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function readName({ name }: RawWatch, fields: WatchFieldNames): Result<string> {
  if (name !== undefined && NAME.test(name)) return ok(name);
  return err(
    unreadableOption(fields.name, name ?? '', '1 to 64 letters, digits, dots and dashes, a letter or digit first'),
  );
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A run takes three rounds a minute apart where something changed: more often than every minute is no watch. */
const SHORTEST_INTERVAL = 60_000;
const LONGEST_INTERVAL = 366 * 86_400_000;

function readSchedule({ every, cron, zone }: RawWatch, deps: ReadWatchDeps): Result<WatchSchedule> {
  const { fields } = deps;
  if ((every === undefined) === (cron === undefined)) {
    const detail =
      every === undefined
        ? 'Nothing says when the watch runs.'
        : 'A watch runs at intervals or by a pattern, not both.';
    const hint = `Write ${fields.every} 6h, or ${fields.cron} "0 3 * * 1-5".`;
    return err(errorValue(every === undefined ? 'OPTION_UNREADABLE' : 'OPTIONS_CONFLICT', detail, { hint }));
  }
  if (every !== undefined) return readInterval(every, fields);
  const pattern = cron ?? '';
  const meant = readZone(zone, deps);
  if (!meant.ok) return meant;
  const fault = cronFault(pattern, meant.value, deps.now);
  if (fault === undefined) return ok({ kind: 'cron', pattern, zone: meant.value });
  const at = { field: fields.cron, text: pattern, start: 0, end: pattern.length };
  const hint = 'Write five parts: minute, hour, day of the month, month, day of the week ("0 3 * * 1-5").';
  return err(errorValue('OPTION_UNREADABLE', `"${pattern}" is no schedule: ${fault}.`, { at, hint }));
}

function readInterval(every: string, fields: WatchFieldNames): Result<WatchSchedule> {
  const [, digits = '', unit = ''] = /^(\d{1,9})\s*([smhd])$/i.exec(every.trim()) ?? [];
  const interval = Number(digits || Number.NaN) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (interval >= SHORTEST_INTERVAL && interval <= LONGEST_INTERVAL)
    return ok({ kind: 'every', interval: millis(interval) });
  return err(unreadableOption(fields.every, every, 'a time from 1m to 366d, such as 30m, 6h or 1d'));
}

function readZone(zone: string | undefined, { zone: usual, fields }: ReadWatchDeps): Result<string> {
  if (zone === undefined) return ok(usual);
  try {
    return ok(new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone && zone);
  } catch {
    return err(unreadableOption(fields.zone, zone, 'the name of a time zone, such as Europe/Berlin or UTC'));
  }
}

async function readExpect(raw: RawWatch, fields: WatchFieldNames): Promise<Result<WatchExpectation | null>> {
  const { expect, expectDocument, expectExact = false } = raw;
  const text = expectDocument ?? expect;
  if (text === undefined) {
    if (!expectExact) return ok(null);
    const hint = `Add ${fields.expect} with the ports that should be open.`;
    return err(
      errorValue('OPTIONS_CONFLICT', 'It is said how exact the expectation is, but not what is expected.', { hint }),
    );
  }
  const read: WatchExpectation = {
    kind: expectDocument === undefined ? 'ports' : 'document',
    text,
    strictness: expectExact ? 'exactly' : 'at-most',
  };
  const parsed = await readExpectation(read, fields.expect);
  return parsed.ok ? ok(read) : parsed;
}

function readQuietHours({ quietHours, zone }: RawWatch, deps: ReadWatchDeps): Result<QuietHours | null> {
  if (quietHours === undefined) return ok(null);
  const meant = readZone(zone, deps);
  if (!meant.ok) return ok(null);
  const [, from, to] = /^(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})$/.exec(quietHours.trim()) ?? [];
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  if (begin !== undefined && end !== undefined && begin !== end) return ok({ from: begin, to: end, zone: meant.value });
  return err(unreadableQuiet(quietHours, deps.fields));
}

const unreadableQuiet = (text: string, fields: WatchFieldNames): ErrorValue =>
  unreadableOption(fields.quietHours, text, 'two times of the day, such as 22:00-07:00');

function minuteOf(text: string | undefined): number | undefined {
  const [hour = Number.NaN, minute = Number.NaN] = (text ?? '').split(':').map(Number);
  return hour < 24 && minute < 60 ? hour * 60 + minute : undefined;
}
