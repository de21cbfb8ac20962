import type { Finding } from '../../domain/finding.ts';
import type { HostReport } from '../../domain/report.ts';
import { certificateWords } from './certificate-words.ts';
import { csvRecord } from './escape-csv.ts';
import type { MakeSections } from './format-options.ts';
import { isoTime, roundMillis } from './time.ts';
import { usualNameOf } from './usual-name.ts';

/** The columns, under naabu's names where it has one. New ones come last. */
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
];

/** RFC 4180 with a header, one open port a record. */
export const csvSections: MakeSections = () => ({
  *head() {
    yield csvRecord(COLUMNS.map(([name]) => name));
  },
  *item(host) {
    for (const finding of host.findings) yield csvRecord(COLUMNS.map(([, value]) => String(value(finding, host))));
  },
  *tail() {},
});
