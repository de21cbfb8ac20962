import * as z from 'zod/mini';
import type { FormatOptions } from '../report/formats/sections.ts';
import type { ApiDeps } from './api-deps.ts';
import type { Query } from './read-query.ts';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const TIME_ZONE = {
  schema: z.string().check(z.minLength(1), z.maxLength(64), z.refine(isTimeZone)),
  takes: 'the zone of times that people read, by its IANA name ("Europe/Vienna"); UTC when left out',
};

/** What decides how a document is written, whichever it is, in one of the formats of that table. */
export const formatQuery = (formats: Readonly<Record<string, unknown>>) => ({
  format: {
    schema: z.enum(Object.keys(formats)),
    takes: `the name of a format, one of ${Object.keys(formats).join(', ')}; left out, "Accept" decides, and JSON is the default`,
  },
  timeZone: TIME_ZONE,
});

export const OPEN_QUERY = {
  open: { schema: z.enum(['true', 'false']), takes: '"true" to leave out what is not open' },
};

export const formatOptions = (
  { timeZone = 'UTC', open }: Query<{ timeZone: typeof TIME_ZONE }> & Query<Partial<typeof OPEN_QUERY>>,
  path: string,
  { clock, version }: ApiDeps,
): FormatOptions => ({
  openOnly: open === 'true',
  timeZone,
  args: `portfleet serve: GET ${path}`,
  version,
  now: clock.wall(),
});
