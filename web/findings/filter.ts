import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import { certificateDays } from '../data/findings.ts';

/**
 * The filter of the table of findings. Terms stand between spaces and must all hold; "-" before one turns it round;
 * quotes keep spaces together:
 *
 *   state:open service:http port:8000-9000,443 product:nginx host:web cert:<30d proto:udp "any text"
 */
export type FilterTerm = (finding: FindingResource, now: number) => boolean;

export interface FilterError {
  readonly start: number;
  readonly end: number;
  readonly hint: string;
}

export interface Filter {
  /** Does the finding pass every term that could be read? */
  readonly passes: FilterTerm;
  readonly errors: readonly FilterError[];
}

/** Host names by address come from the plan: a finding knows only its address. */
export type NamesOf = (address: string) => readonly string[];

const TERM = /(-?)(?:([a-z]+):)?("([^"]*)"?|\S+)/gi;

export function parseFilter(text: string, namesOf: NamesOf): Filter {
  const terms: FilterTerm[] = [];
  const errors: FilterError[] = [];
  for (const match of text.matchAll(TERM)) {
    const [whole, minus = '', field, bare = '', quoted] = match;
    const term = termOf(field?.toLowerCase(), (quoted ?? bare).toLowerCase(), namesOf);
    if (typeof term === 'string') {
      errors.push({ start: match.index, end: match.index + whole.length, hint: term });
    } else terms.push(minus ? (finding, now) => !term(finding, now) : term);
  }
  return { errors, passes: (finding, now) => terms.every((term) => term(finding, now)) };
}

/** The test of one term, or what to write in its place. */
function termOf(field: string | undefined, value: string, namesOf: NamesOf): FilterTerm | string {
  const includes = (text: string | undefined): boolean => text?.toLowerCase().includes(value) ?? false;
  switch (field) {
    case undefined:
      return (finding) => textsOf(finding, namesOf).some(includes);
    case 'state':
      return ({ state }) => state === value;
    case 'proto':
      return value === 'tcp' || value === 'udp'
        ? ({ protocol }) => protocol === value
        : 'Write proto:tcp or proto:udp.';
    case 'host':
      return ({ address }) => includes(address) || namesOf(address).some(includes);
    case 'service':
      return ({ service }) => includes(service.name);
    case 'product':
      return ({ service }) => includes(service.product) || includes(service.version);
    case 'banner':
      return ({ banner }) => includes(banner);
    case 'port':
      return portTerm(value);
    case 'cert':
      return certificateTerm(value);
    default:
      return `There is no "${field}:"; write state, port, proto, host, service, product, banner or cert.`;
  }
}

const textsOf = ({ address, protocol, port, service, banner }: FindingResource, namesOf: NamesOf) => [
  address,
  ...namesOf(address),
  `${protocol}/${port}`,
  service.name,
  service.product,
  service.version,
  service.info,
  banner,
];

function portTerm(value: string): FilterTerm | string {
  const ranges: [number, number][] = [];
  for (const part of value.split(',')) {
    const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (first === undefined) return 'Write ports and ranges: port:22,8000-9000.';
    ranges.push([Number(first), Number(last ?? first)]);
  }
  return ({ port }) => ranges.some(([first, last]) => port >= first && port <= last);
}

function certificateTerm(value: string): FilterTerm | string {
  const [, sign, days] = /^([<>])(\d{1,5})d?$/.exec(value) ?? [];
  if (days === undefined) return 'Write how many days are left: cert:<30d or cert:>365d.';
  return (finding, now) => {
    const left = certificateDays(finding, now);
    return left !== undefined && (sign === '<' ? left < Number(days) : left > Number(days));
  };
}
