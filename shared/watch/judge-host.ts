import { portsOf } from '../domain/port-list.ts';
import { hasPort, NO_PORTS, type PortSet, portSet, subtractPorts } from '../domain/port-set.ts';
import type { EpochMillis, HostKey, WatchId } from '../domain/units.ts';
import type { Fact, HostRecord, PortKey, SubjectKey, WatchChange, WatchSubject } from '../domain/watch-alert.ts';
import { isOrdinary, judgeSubject, newSubject } from './alert.ts';
import { isSameFact, kindOf, ordinaryFact, portKey, portOf, portOfSubject } from './facts.ts';
import { type Spans, withoutPort, withPortChange } from './open-spans.ts';
import { type HostExpectation, type RoundKind, recordedPorts, seenFacts } from './seen-facts.ts';
import { type HostSighting, setOf } from './sighting.ts';
import { stableId } from './stable-id.ts';

/** One round of one run, as far as the judgement of a host depends on it. */
export interface JudgedRound {
  readonly watch: WatchId;
  readonly step: number;
  readonly kind: RoundKind;
  readonly at: EpochMillis;
  readonly lastLookAt: EpochMillis | null;
  /** Ports of the host that the watch sees for the first time: what is open there was so before. */
  readonly newGround: (sighting: HostSighting) => PortSet;
  readonly expectation: (sighting: HostSighting) => HostExpectation | null;
}

export const newHostRecord = (host: HostKey): HostRecord => ({
  host,
  version: 0,
  step: 0,
  addresses: [],
  subjects: {},
  spans: {},
  answeredBy: null,
  unlearned: NO_PORTS,
  confirmed: [],
  again: [],
});

/**
 * One sight of one host, applied to what is recorded of it. Gives the very same record where nothing about the host
 * changes. A record that was judged in this step before, by a process that died then, is given as it is.
 */
export function judgeHost(record: HostRecord, sighting: HostSighting, round: JudgedRound): HostRecord {
  if (record.step === round.step) return record;
  const learning = learnedNow(record, sighting, round);
  const draft: HostDraft = {
    subjects: { ...withoutUnplanned(record, sighting, round) },
    spans: record.spans,
    confirmed: [],
  };
  for (const key of recordedPorts(record, 'port')) {
    if (!(`port ${key}` in draft.subjects)) draft.spans = withoutPort(draft.spans, key, round.lastLookAt ?? round.at);
  }
  for (const [key, fact] of seenFacts(record, sighting, round.kind, round.expectation(sighting), round.at)) {
    if (isLearnt(key, learning, draft)) learn(draft, key, fact, round);
    else judge(draft, key, fact, sighting, round);
  }
  dropCertificatesOfShutPorts(draft);
  const next: HostRecord = {
    ...record,
    addresses: round.kind === 'everything' ? sighting.addresses : record.addresses,
    subjects: draft.subjects,
    spans: draft.spans,
    answeredBy: round.kind === 'everything' ? (sighting.answeredBy ?? record.answeredBy) : record.answeredBy,
    unlearned: unlearnedAfter(record, sighting, learning, round),
    confirmed: draft.confirmed,
    again: portsToAskAgain(draft.subjects, record, sighting),
  };
  return isSameRecord(record, next) ? record : { ...next, step: round.step };
}

interface HostDraft {
  subjects: Partial<Record<SubjectKey, WatchSubject>>;
  spans: Spans;
  readonly confirmed: WatchChange[];
}

/** Ports that are seen for the first time, now or since they could not be probed. */
function learnedNow({ unlearned }: HostRecord, sighting: HostSighting, { newGround }: JudgedRound): PortSet {
  const fresh = newGround(sighting);
  return portSet([...unlearned.tcp, ...fresh.tcp], [...unlearned.udp, ...fresh.udp]);
}

/** What was so before the first run is no change. Certificates and expectations say by themselves what is right. */
function isLearnt(key: SubjectKey, learning: PortSet, { subjects }: HostDraft): boolean {
  const kind = kindOf(key);
  if (kind !== 'port' && kind !== 'host') return false;
  const told = subjects[key]?.told;
  if (told && !isSameFact(told, ordinaryFact(kind))) return false;
  const port = portOfSubject(key);
  if (port === undefined) return learning.tcp.length + learning.udp.length > 0;
  return hasPort(learning, portOf(port).protocol, portOf(port).port);
}

function learn(draft: HostDraft, key: SubjectKey, fact: Fact, { at }: JudgedRound): void {
  const subject: WatchSubject = { truth: fact, told: fact, toldAt: null, candidate: null };
  keep(draft, key, subject);
  const port = portOfSubject(key);
  if (port && fact.state === 'open')
    draft.spans = withPortChange(draft.spans, port, { after: fact, since: at, otherwiseAt: null });
}

function judge(draft: HostDraft, key: SubjectKey, fact: Fact, sighting: HostSighting, round: JudgedRound): void {
  const { subject, confirmed } = judgeSubject(draft.subjects[key] ?? newSubject(fact), fact, round);
  keep(draft, key, subject);
  if (!confirmed) return;
  const port = portOfSubject(key);
  if (fact.kind === 'port' && port) draft.spans = withPortChange(draft.spans, port, confirmed);
  draft.confirmed.push({
    id: `${alertId(round.watch, sighting.host, key)}-${round.step}`,
    host: sighting.host,
    address: (port && sighting.open.get(port)?.address) ?? sighting.addresses[0] ?? null,
    subject: key,
    ...confirmed,
    isBack: isSameFact(subject.truth, subject.told),
  });
}

/** The name of the alert of a subject, which the owner acknowledges it by. */
export const alertId = (watch: WatchId, host: HostKey, subject: SubjectKey): string => stableId(watch, host, subject);

function keep({ subjects }: HostDraft, key: SubjectKey, subject: WatchSubject): void {
  if (isOrdinary(subject)) delete subjects[key];
  else subjects[key] = subject;
}

/** The subjects without those of ports that the watch does not probe any more, and of an expectation it does not have. */
function withoutUnplanned(record: HostRecord, sighting: HostSighting, round: JudgedRound): HostDraft['subjects'] {
  const { planned } = sighting;
  const expects = round.expectation(sighting) !== null;
  const kept = (Object.entries(record.subjects) as [SubjectKey, WatchSubject][]).filter(([key]) => {
    if (kindOf(key) === 'expectation' && !expects) return false;
    const port = portOfSubject(key);
    return (
      round.kind === 'narrowed' || port === undefined || hasPort(planned, portOf(port).protocol, portOf(port).port)
    );
  });
  return Object.fromEntries(kept);
}

/** A certificate goes with the port that showed it. */
function dropCertificatesOfShutPorts({ subjects }: HostDraft): void {
  for (const key of Object.keys(subjects) as SubjectKey[]) {
    const port = portOfSubject(key);
    if (kindOf(key) === 'certificate' && port && subjects[`port ${port}`]?.told.state !== 'open') delete subjects[key];
  }
}

function unlearnedAfter(
  record: HostRecord,
  { planned, open, shut, unprobed }: HostSighting,
  learning: PortSet,
  { kind }: JudgedRound,
): PortSet {
  const settled = [...[...open.keys()].map(portOf), ...portsOf(shut)];
  if (kind === 'narrowed')
    return record.unlearned.tcp.length + record.unlearned.udp.length === 0
      ? NO_PORTS
      : subtractPorts(record.unlearned, setOf(settled));
  if (!unprobed) return NO_PORTS;
  const notLearned = subtractPorts(learning, setOf(settled));
  return subtractPorts(notLearned, subtractPorts(notLearned, planned));
}

/** Of the ports of a host that could not be probed, so many stand for the rest. */
const MOST_UNPROBED = 16;

/** Everything that is on its way to an alert is probed again. */
function portsToAskAgain(subjects: HostDraft['subjects'], record: HostRecord, sighting: HostSighting): PortKey[] {
  const ports = new Set<PortKey>();
  for (const [key, subject] of Object.entries(subjects) as [SubjectKey, WatchSubject][]) {
    if (!subject.candidate) continue;
    const port = portOfSubject(key) ?? (kindOf(key) === 'host' ? (sighting.answeredBy ?? record.answeredBy) : null);
    if (port) ports.add(port);
    else if (sighting.unprobed)
      for (const at of portsOf(sighting.unprobed.ports, 0, MOST_UNPROBED)) ports.add(portKey(at));
  }
  return [...ports];
}

/** All that is remembered is plain data. What was confirmed is no part of it: without a change nothing is. */
const isSameRecord = (a: HostRecord, b: HostRecord): boolean =>
  JSON.stringify(essence(a)) === JSON.stringify(essence(b));

const essence = ({ addresses, subjects, spans, answeredBy, unlearned, again }: HostRecord) => [
  addresses,
  Object.entries(subjects).sort(([x], [y]) => (x < y ? -1 : 1)),
  spans,
  answeredBy,
  unlearned,
  again,
];

/** A record that says nothing needs no place. */
export const isEmptyRecord = ({ subjects, spans, unlearned }: HostRecord): boolean =>
  Object.keys(subjects).length + Object.keys(spans).length + unlearned.tcp.length + unlearned.udp.length === 0;

/** The host is none of the watch any more: only what it was stays, for its history. */
export function forgetHost(record: HostRecord, round: JudgedRound): HostRecord {
  if (record.step === round.step || Object.keys(record.subjects).length === 0) return record;
  const at = round.lastLookAt ?? round.at;
  const spans = (Object.keys(record.spans) as PortKey[]).reduce((all, key) => withoutPort(all, key, at), record.spans);
  return { ...record, step: round.step, subjects: {}, spans, unlearned: NO_PORTS, confirmed: [], again: [] };
}
