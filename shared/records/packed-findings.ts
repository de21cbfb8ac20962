import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Finding, findingsByAddress, joinFindings, type Service } from '../domain/finding.ts';
import { placeOf } from '../domain/port-set.ts';

/** Some 120 characters each, 12 KB together, which deflated are two write units of DynamoDB. */
const FINDINGS_AT_MOST = 100;

/** A port may have said 4,096 bytes, which JSON can make six times as many; deflated, this stays far below 400 KB. */
const CHARACTERS_AT_MOST = 200_000;

/** So many findings in one record: a host that accepts on every port has 65,535 of them. */
export function* findingBatches(findings: Iterable<Finding>): Generator<readonly Finding[]> {
  let [some, characters]: [Finding[], number] = [[], 0];
  for (const finding of findings) {
    const { length } = JSON.stringify(finding);
    if (some.length === FINDINGS_AT_MOST || (some.length > 0 && characters + length > CHARACTERS_AT_MOST)) {
      yield some;
      [some, characters] = [[], 0];
    }
    some.push(finding);
    characters += length;
  }
  if (some.length > 0) yield some;
}

export const packFindings = (findings: readonly Finding[]): Uint8Array => deflateRawSync(JSON.stringify(findings));

/** The inverse. */
export const unpackFindings = (packed: Uint8Array): Finding[] =>
  JSON.parse(inflateRawSync(packed).toString()) as Finding[];

/** Findings as columns, of which each holds nearly the same again and again. */
interface Columns extends Record<(typeof COLUMNS)[number], readonly unknown[]> {
  /** With `steps` what each adds to the one before; only whole milliseconds can be added up again to the same. */
  readonly seenAt: readonly number[];
  readonly steps: boolean;
  readonly more: readonly (Pick<Finding, 'banner' | 'tls'> | 0)[];
}

const COLUMNS = ['address', 'protocol', 'port', 'state', 'reason', 'service', 'rtt', 'attempt'] as const;

/** The same at half the size; only for stores of which no earlier version reads what this one has written. */
export function packColumns(findings: readonly Finding[]): Uint8Array {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, findings.map((finding) => finding[name])]));
  const steps = findings.every(({ seenAt }) => Number.isSafeInteger(seenAt));
  const seenAt = findings.map((finding, at) => finding.seenAt - (steps ? (findings[at - 1]?.seenAt ?? 0) : 0));
  const more = findings.map(({ banner, tls }) =>
    banner === undefined && !tls ? 0 : { ...(banner !== undefined && { banner }), ...(tls && { tls }) },
  );
  return deflateRawSync(JSON.stringify({ ...columns, seenAt, steps, more }));
}

/** The inverse. */
export function unpackColumns(packed: Uint8Array): Finding[] {
  const { seenAt, steps, more, ...columns } = JSON.parse(inflateRawSync(packed).toString()) as Columns;
  const { address, protocol, port, state, reason, service, rtt, attempt } = columns;
  const shared = sharedServices();
  let last = 0;
  return seenAt.map((since, at) => {
    last = steps ? last + since : since;
    // Written out: of a host with 65,535 open ports each of these is made twice before its report begins.
    const finding = {
      address: address[at],
      protocol: protocol[at],
      port: port[at],
      state: state[at],
      reason: reason[at],
      service: shared(service[at] as Service),
      rtt: rtt[at],
      attempt: attempt[at],
      seenAt: last,
    } as Finding;
    return more[at] ? { ...finding, ...more[at] } : finding;
  });
}

/** One object for all services of which the registry tells the name and nothing more is known: most have none. */
function sharedServices(): (service: Service) => Service {
  const known = new Map<string, Service>();
  return (service) => {
    if (service.method !== 'table' || Object.keys(service).length > NAME_AND_METHOD) return service;
    const same = known.get(service.name);
    if (!same) known.set(service.name, service);
    return same ?? service;
  };
}

const NAME_AND_METHOD = 2;

/**
 * One finding of each port, from findings in the order in which they were stored: address by address, its ports in order,
 * TCP first.
 */
export const joinAll = (findings: Iterable<Finding>): Finding[] =>
  [...findingsByAddress(findings).values()].flatMap(joinPorts);

function joinPorts(findings: readonly Finding[]): Finding[] {
  const joined: Finding[] = [];
  let before = -1;
  for (const at of inOrder(findings)) {
    const finding = findings[at] as Finding;
    const [place, known] = [placeOf(finding), joined[joined.length - 1]];
    if (known && place === before) joined[joined.length - 1] = joinFindings(known, finding);
    else joined.push(finding);
    before = place;
  }
  return joined;
}

/**
 * Which finding comes first, which next: by their places, and of one place in the order in which they came. By numbers: to
 * compare 65,535 findings with each other takes 0.3 s, and a map of them 4 MB and more.
 */
function inOrder(findings: readonly Finding[]): Float64Array {
  const { length } = findings;
  const keys = Float64Array.from(findings.keys(), (at) => placeOf(findings[at] as Finding) * length + at);
  return keys.sort().map((key) => key % length);
}
