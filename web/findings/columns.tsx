import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import { certificateDays, compareAddresses, compareFindings } from '../data/findings.ts';
import { bannerText, clockWords } from '../parts/words.ts';

export type ColumnName =
  | 'address'
  | 'names'
  | 'port'
  | 'state'
  | 'service'
  | 'product'
  | 'info'
  | 'certificate'
  | 'banner'
  | 'seen'
  | 'rtt'
  | 'reason';

export interface Column {
  readonly title: string;
  readonly isNumber?: true;
  readonly text: (finding: FindingResource, names: readonly string[], now: number) => string;
  /** Absent where the text itself sorts. */
  readonly compare?: (a: FindingResource, b: FindingResource, now: number) => number;
}

export interface Sorting {
  readonly by: ColumnName;
  readonly down: boolean;
}

const FOREVER = Number.POSITIVE_INFINITY;

/** Every column that the table can show, in its order. */
export const COLUMNS: Readonly<Record<ColumnName, Column>> = {
  address: {
    title: 'Host',
    text: ({ address }, names) => (names[0] ? `${names[0]} (${address})` : address),
    compare: (a, b) => compareAddresses(a.address, b.address),
  },
  names: { title: 'Names', text: (_, names) => names.join(', ') },
  port: {
    title: 'Port',
    isNumber: true,
    text: ({ protocol, port }) => `${port}/${protocol}`,
    compare: (a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol),
  },
  state: { title: 'State', text: ({ state }) => state },
  service: { title: 'Service', text: ({ service }) => serviceWords(service) },
  product: {
    title: 'Product',
    text: ({ service }) =>
      [service.product, service.version]
        .filter(Boolean)
        .map((text) => bannerText(text ?? ''))
        .join(' '),
  },
  info: { title: 'Details', text: ({ service }) => bannerText(service.info ?? '') },
  certificate: {
    title: 'Certificate',
    text: (finding, _, now) => daysWords(certificateDays(finding, now)),
    compare: (a, b, now) => (certificateDays(a, now) ?? FOREVER) - (certificateDays(b, now) ?? FOREVER) || 0,
  },
  banner: { title: 'Banner', text: ({ banner }) => bannerText((banner ?? '').slice(0, 80)) },
  seen: { title: 'Seen', text: ({ seenAt }) => clockWords(seenAt) },
  rtt: {
    title: 'Round trip',
    isNumber: true,
    text: ({ rttMs }) => `${rttMs.toFixed(1)} ms`,
    compare: (a, b) => a.rttMs - b.rttMs,
  },
  reason: { title: 'Reason', text: ({ reason }) => reason },
};

/** A name that only the registry says of the number has nmap's question mark. */
const serviceWords = ({ name, method }: FindingResource['service']): string =>
  name === 'unavailable' ? '–' : name + (method === 'table' ? '?' : '');

const daysWords = (days: number | undefined): string => {
  if (days === undefined) return '';
  return days < 0 ? `expired ${-days} d ago` : `${days} d left`;
};

/** A copy in the wanted order; equal rows stay in the order of reports. */
export function sortFindings(
  findings: readonly FindingResource[],
  { by, down }: Sorting,
  now: number,
): readonly FindingResource[] {
  const { compare, text } = COLUMNS[by];
  const order = compare ?? ((a, b) => text(a, [], now).localeCompare(text(b, [], now)));
  const sign = down ? -1 : 1;
  return [...findings].sort((a, b) => sign * order(a, b, now) || compareFindings(a, b));
}
