import type { EpochMillis, Millis } from '../../domain/units.ts';

/** ISO 8601 in UTC, for machines: `2026-11-22T14:20:08.123Z`. */
export const isoTime = (at: EpochMillis): string => new Date(representable(at)).toISOString();

/** The last moment that a Date can hold (ECMA-262, section 21.4.1.1); a certificate may claim any. */
const LAST_MOMENT = 8.64e15;

const representable = (at: EpochMillis): number => Math.max(-LAST_MOMENT, Math.min(LAST_MOMENT, at));

/** Milliseconds to the microsecond: what is behind that is noise of the arithmetic. */
export const roundMillis = (duration: Millis): number => Math.round(duration * 1000) / 1000;

/** Turns a time into text for people. */
export type TimeFormat = (at: EpochMillis) => string;

/** What a clock in that zone shows, with the zone: `2026-11-22 15:20:08 GMT+1`. Make one for a whole report. */
export function clockFormat(timeZone: string): TimeFormat {
  return timeFormat(timeZone, { month: '2-digit' }, (part) => {
    const date = `${part('year')}-${part('month')}-${part('day')}`;
    return `${date} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
  });
}

/** The same as C's `ctime` prints it, and so nmap: `Sun Nov 22 15:20:08 2026`. */
export function ctimeFormat(timeZone: string): TimeFormat {
  return timeFormat(timeZone, { weekday: 'short', month: 'short' }, (part) => {
    const day = `${part('weekday')} ${part('month')} ${String(Number(part('day'))).padStart(2)}`;
    return `${day} ${part('hour')}:${part('minute')}:${part('second')} ${part('year')}`;
  });
}

type Part = Intl.DateTimeFormatPartTypes;

/** Ports stand in their order and were found in another: those of one host go to and fro between the seconds it took. */
const SECONDS_KNOWN = 1_000;

function timeFormat(
  timeZone: string,
  style: Intl.DateTimeFormatOptions,
  write: (part: (type: Part) => string) => string,
): TimeFormat {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...style,
  });
  // Thousands of ports are found within one second, and formatting costs more than all else in a line.
  const known = new Map<number, string>();
  return (at) => {
    const second = Math.floor(at / 1000);
    let text = known.get(second);
    if (text === undefined) {
      const parts = format.formatToParts(representable(at));
      text = write((type) => parts.find((part) => part.type === type)?.value ?? '');
      if (known.size >= SECONDS_KNOWN) known.clear();
      known.set(second, text);
    }
    return text;
  };
}

const MICROS_PER_SECOND = 1_000_000;

/** `h:mm:ss.ffffff`: `0:00:16.141690`. Hours go on counting after a day. */
export function durationText(duration: Millis): string {
  const micros = Math.round(Math.max(0, duration) * 1000);
  const seconds = Math.floor(micros / MICROS_PER_SECOND);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}.${String(micros % MICROS_PER_SECOND).padStart(6, '0')}`;
}
