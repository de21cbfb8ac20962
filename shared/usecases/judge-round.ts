import { formatPorts } from '../domain/port-set.ts';
import type { Report } from '../domain/report.ts';
import type { Scan } from '../domain/scan.ts';
import { type HostKey, hostKey } from '../domain/units.ts';
import type { CurrentRun, RoundScope, Watch } from '../domain/watch.ts';
import type { HostRecord, PortKey, WatchChange } from '../domain/watch-alert.ts';
import { type Expectation, expectedPorts } from '../report/expectations/expect.ts';
import type { WatchStore } from '../seams/watch-store.ts';
import { portOf } from '../watch/facts.ts';
import { forgetHost, isEmptyRecord, type JudgedRound, judgeHost, newHostRecord } from '../watch/judge-host.ts';
import { groundOf, isNewGround, newPorts } from '../watch/known-ground.ts';
import { readExpectation } from '../watch/read-expectation.ts';
import type { RoundJudgement } from '../watch/run-steps.ts';
import { type HostSighting, setOf, sightings } from '../watch/sighting.ts';

/**
 * Judges the scan of one round, host by host. The record of each host that changed is written before the watch's own, and
 * carries the number of the round: whoever comes after one who died in the middle finds it, and takes what was confirmed
 * out of it instead of judging again. So nothing is told twice, and nothing is forgotten.
 */
export async function judgeRound(
  watch: Watch,
  run: CurrentRun,
  report: Report,
  fullScan: Scan | undefined,
  store: WatchStore,
): Promise<RoundJudgement> {
  const { scan } = report;
  const round = await roundOf(watch, run, scan);
  const records = new Map<HostKey, HostRecord>();
  for await (const record of store.listHosts(watch.id)) records.set(record.host, record);
  const found: RoundFindings = { confirmed: [], hosts: [], ports: new Set() };
  for await (const sighting of sightings(report)) {
    const record = records.get(sighting.host) ?? newHostRecord(sighting.host);
    records.delete(sighting.host);
    note(found, await settle(store, watch, record, (now) => judgeHost(now, sighting, round)), round);
  }
  if (round.kind === 'everything') {
    for (const record of records.values()) await settle(store, watch, record, (now) => forgetHost(now, round));
  }
  return {
    confirmed: found.confirmed,
    again: scopeOf(found),
    learns: run.narrowed === null ? isNewGround(watch.ground, scan) : run.learns,
    ground: groundOf(fullScan ?? scan),
    at: round.at,
  };
}

async function roundOf(watch: Watch, run: CurrentRun, scan: Scan): Promise<JudgedRound> {
  const expectation = await expectationOf(watch);
  const strictness = watch.spec.expect?.strictness ?? 'at-most';
  return {
    watch: watch.id,
    step: watch.step + 1,
    kind: run.narrowed === null ? 'everything' : 'narrowed',
    at: scan.finishedAt ?? scan.submittedAt,
    lastLookAt: watch.runs[0]?.endedAt ?? null,
    newGround: (sighting) => newPorts(watch.ground, sighting),
    expectation: (sighting) => expectation && { ports: portsExpected(expectation, sighting), strictness },
  };
}

/** It was read when the watch was stored. One that cannot be read any more expects nothing, rather than stop the watch. */
async function expectationOf({ spec }: Watch): Promise<Expectation | null> {
  const read = spec.expect && (await readExpectation(spec.expect, 'expect'));
  return read?.ok ? read.value : null;
}

function portsExpected(expectation: Expectation, { host, addresses: [address] }: HostSighting) {
  const isNamed = host !== hostKey(address);
  return expectedPorts(expectation, { address, names: isNamed ? [host] : [] });
}

interface RoundFindings {
  readonly confirmed: WatchChange[];
  readonly hosts: HostKey[];
  readonly ports: Set<PortKey>;
}

function note({ confirmed, hosts, ports }: RoundFindings, record: HostRecord, { step }: JudgedRound): void {
  if (record.step === step) confirmed.push(...record.confirmed);
  if (record.again.length === 0) return;
  hosts.push(record.host);
  for (const port of record.again) ports.add(port);
}

const scopeOf = ({ hosts, ports }: RoundFindings): RoundScope | null =>
  hosts.length === 0 ? null : { targets: hosts, ports: formatPorts(setOf([...ports].map(portOf))) };

/** Writes the record that `judge` makes of the stored one; all over again where another process has written it meanwhile. */
async function settle(
  store: WatchStore,
  { id }: Watch,
  known: HostRecord,
  judge: (now: HostRecord) => HostRecord,
): Promise<HostRecord> {
  for (let record = known; ; ) {
    const next = judge(record);
    if (next === record || (record.version === 0 && isEmptyRecord(next))) return next;
    if (await store.replaceHost(id, next)) return next;
    record = (await store.readHost(id, known.host)) ?? newHostRecord(known.host);
  }
}
