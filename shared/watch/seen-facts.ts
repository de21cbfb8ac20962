import { portsOf } from '../domain/port-list.ts';
import { hasPort, type PortSet } from '../domain/port-set.ts';
import type { EpochMillis } from '../domain/units.ts';
import type { Fact, HostRecord, PortKey, SubjectKey } from '../domain/watch-alert.ts';
import type { Strictness } from '../report/expectations/expect.ts';
import { certificateFact, kindOf, openFact, portKey, portOf, portOfSubject } from './facts.ts';
import type { HostSighting } from './sighting.ts';

/** What should be open on one host. */
export interface HostExpectation {
  readonly ports: PortSet;
  readonly strictness: Strictness;
}

/** `everything`: all that the watch probes. `narrowed`: only what seems to have changed is probed again. */
export type RoundKind = 'everything' | 'narrowed';

type Facts = Map<SubjectKey, Fact>;

/** Everything that the sighting tells of a host. What it does not tell, because it was not probed, is not in there. */
export function seenFacts(
  record: HostRecord,
  sighting: HostSighting,
  round: RoundKind,
  expectation: HostExpectation | null,
  at: EpochMillis,
): Facts {
  const facts: Facts = new Map();
  addHost(facts, record, sighting, round);
  addProbing(facts, record, sighting, round);
  const recorded = new Set(recordedPorts(record, 'port'));
  let room = MOST_PORTS - recorded.size;
  for (const [key, finding] of sighting.open) {
    if (!recorded.has(key) && room-- <= 0) continue;
    facts.set(`port ${key}`, openFact(finding));
    const certificate = certificateFact(finding, at);
    if (certificate) facts.set(`certificate ${key}`, certificate);
  }
  for (const key of recordedPorts(record, 'port')) {
    if (isShut(sighting, key)) facts.set(`port ${key}`, { kind: 'port', state: 'shut' });
  }
  if (expectation) addExpectation(facts, record, sighting, expectation);
  return facts;
}

/**
 * Open ports that are remembered of one host, so that its record stays below the 400 KB of a DynamoDB item. A host with
 * more of them accepts whatever it is sent, which the report of the scan says; no single port of it is news.
 */
const MOST_PORTS = 300;

/** The ports of which the record has a subject of that kind. */
export const recordedPorts = (record: HostRecord, kind: 'port' | 'certificate' | 'expectation'): PortKey[] =>
  (Object.keys(record.subjects) as SubjectKey[]).flatMap((key) =>
    kindOf(key) === kind ? (portOfSubject(key) ?? []) : [],
  );

function isShut({ open, shut }: HostSighting, key: PortKey): boolean {
  const { protocol, port } = portOf(key);
  return !open.has(key) && hasPort(shut, protocol, port);
}

/** A round that probes a few ports sees a host to be away only where it probed the one that used to answer. */
function addHost(facts: Facts, record: HostRecord, sighting: HostSighting, round: RoundKind): void {
  const usual = record.answeredBy && portOf(record.answeredBy);
  const askedUsual = usual ? hasPort(sighting.planned, usual.protocol, usual.port) : false;
  if (sighting.answeredBy !== null) facts.set('host', { kind: 'host', state: 'up' });
  else if (sighting.anySettled && !sighting.unprobed && (round === 'everything' || askedUsual)) {
    facts.set('host', { kind: 'host', state: 'away' });
  }
}

/** A narrowed round tells of probing only where it was narrowed to that. */
function addProbing(facts: Facts, record: HostRecord, { unprobed, anySettled }: HostSighting, round: RoundKind): void {
  if (round === 'narrowed' && !record.subjects.probing?.candidate) return;
  if (unprobed)
    facts.set('probing', { kind: 'probing', state: 'unprobed', cause: `${unprobed.cause}`, ports: unprobed.count });
  else if (anySettled) facts.set('probing', { kind: 'probing', state: 'probed' });
}

function addExpectation(
  facts: Facts,
  record: HostRecord,
  sighting: HostSighting,
  { ports, strictness }: HostExpectation,
): void {
  const say = (key: PortKey, state: 'met' | 'unexpected' | 'missing') =>
    facts.set(`expectation ${key}`, { kind: 'expectation', state });
  for (const key of sighting.open.keys()) {
    const { protocol, port } = portOf(key);
    say(key, hasPort(ports, protocol, port) ? 'met' : 'unexpected');
  }
  for (const key of recordedPorts(record, 'expectation')) if (isShut(sighting, key)) say(key, 'met');
  if (strictness !== 'exactly') return;
  for (const at of portsOf(ports)) if (isShut(sighting, portKey(at))) say(portKey(at), 'missing');
}
