import type { Finding } from '../../domain/finding.ts';
import type { HostReport } from '../../domain/report.ts';
import { eventTime, type HostEvent, hostEventsOf } from './host-events.ts';
import { certificateWords } from './host-words.ts';
import { usualNameOf } from './port-lines.ts';
import { printable } from './printable.ts';
import type { MakeSections } from './sections.ts';
import { costWords } from './summary-words.ts';
import { isoTime, roundMillis } from './time.ts';

/** The columns of a port, under naabu's names where it has one. New ones come last. */
const COLUMNS: readonly (readonly [name: string, value: (finding: Finding, host: HostReport) => string | number])[] = [
  ['host', (_, { names, address }) => names[0] ?? address],
  ['ip', (_, { address }) => address],
  ['port', ({ port }) => port],
  ['protocol', ({ protocol }) => protocol],
  ['state', ({ state }) => state],
  ['reason', ({ reason }) => reason],
  ['service', ({ service }) => service.name],
  ['method', ({ service }) => service.method],
  ['usually', (finding) => usualNameOf(finding, finding.service) ?? ''],
  ['timestamp', ({ seenAt }) => isoTime(seenAt)],
  ['rtt_ms', ({ rtt }) => roundMillis(rtt)],
  ['attempt', ({ attempt }) => attempt],
  ['product', ({ service }) => service.product ?? ''],
  ['version', ({ service }) => service.version ?? ''],
  ['info', ({ service }) => service.info ?? ''],
  ['certificate', (finding) => certificateWords(finding) ?? ''],
  ['names', (_, { names }) => names.join(' ')],
];

/** The columns that only what befell a host has. */
const EVENT_COLUMNS = ['until', 'ports'] as const;

/** The columns of a port that came after those. */
const LATER_COLUMNS: typeof COLUMNS = [['reverse_names', (_, { reverseNames = [] }) => reverseNames.join(' ')]];

const HEADER = [...COLUMNS.map(([name]) => name), ...EVENT_COLUMNS, ...LATER_COLUMNS.map(([name]) => name)];

/**
 * RFC 4180 with a header, one open port a record. What befell a host (it fell silent, it resets everything) is a record
 * without a port: its `state` says what it was, `timestamp` since when. The last, of a fleet's scan, is what it has cost.
 */
export const csvSections: MakeSections = ({ summary }) => ({
  *head() {
    yield csvRecord(HEADER);
  },
  *item(host) {
    for (const finding of host.findings) {
      const told = (columns: typeof COLUMNS): string[] => columns.map(([, value]) => String(value(finding, host)));
      yield csvRecord([...told(COLUMNS), '', '', ...told(LATER_COLUMNS)]);
    }
  },
  *tail() {
    for (const each of hostEventsOf(summary)) yield csvRecord(eventFields(each));
    const cost = costWords(summary);
    if (cost.length > 0) yield csvRecord(fieldsOf({ state: 'cost', info: cost.join('. ') }));
  },
});

const eventFields = ({ event, address, from, until, ports }: HostEvent): string[] =>
  fieldsOf({
    host: address,
    ip: address,
    state: event,
    timestamp: eventTime(from) ?? '',
    until: eventTime(until) ?? '',
    ports: String(ports),
  });

const fieldsOf = (fields: Readonly<Record<string, string>>): string[] => HEADER.map((name) => fields[name] ?? '');

/** A record with its line end, CRLF as RFC 4180 has it. */
export const csvRecord = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

/**
 * Spreadsheets take a field that begins with one of these, half or full width, for a formula, and a formula can read
 * files and call servers. An apostrophe before it makes it text. Fields that already begin with apostrophes and such a
 * sign get one more, so that taking one away (`unguarded`) always gives the field back.
 */
const FORMULA = /^'*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function csvField(text: string): string {
  const clean = printable(text);
  const guarded = FORMULA.test(clean) ? `'${clean}` : clean;
  return /[",]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** A field as it was printed, after a CSV reader has taken its quotes away. */
export const unguarded = (field: string): string =>
  field.startsWith("'") && FORMULA.test(field) ? field.slice(1) : field;
