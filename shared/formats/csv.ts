import { csvRecord } from './escape-csv.ts';
import type { MakeSections } from './format-options.ts';
import { isoTime } from './time.ts';

const COLUMNS = [
  'host',
  'ip',
  'port',
  'protocol',
  'state',
  'reason',
  'service',
  'method',
  'timestamp',
  'rtt_ms',
  'attempt',
] as const;

/** RFC 4180 with a header: one open port a record, under naabu's column names where it has one. */
export const csvSections: MakeSections = () => ({
  *head() {
    yield csvRecord(COLUMNS);
  },
  *item(host) {
    const name = host.names[0] ?? host.address;
    for (const { port, protocol, state, reason, service, seenAt, rtt, attempt } of host.findings) {
      const numbers = [isoTime(seenAt), String(rtt), String(attempt)];
      yield csvRecord([
        name,
        host.address,
        String(port),
        protocol,
        state,
        reason,
        service.name,
        service.method,
        ...numbers,
      ]);
    }
  },
  *tail() {},
});
