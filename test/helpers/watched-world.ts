import { addressIndex } from '../../shared/domain/addresses/address-set.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { portsOf } from '../../shared/domain/port-list.ts';
import type { HostReport, PortRun, Report } from '../../shared/domain/report.ts';
import { ok } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { type Address, epochMillis, millis, type PortNumber, type ScanId, seed } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import { parseRequest } from '../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../shared/request/target-policy.ts';
import type { WatchScans } from '../../shared/usecases/advance-watch.ts';
import { planScan } from '../../shared/usecases/plan-scan.ts';
import type { ManualClock } from './manual-clock.ts';

/** What one port answers to one scan: a finding where it is open, otherwise a verdict. */
export type PortAnswer = { readonly open: Partial<Finding> } | { readonly verdict: Verdict };

/** Answers for a port of an address, at the time of the scan. Called once a port and scan. */
export type AnswerPort = (address: Address, port: PortNumber) => PortAnswer;

/** Scans of a made-up network: planned by the real planner, answered by a function, over five seconds after they began. */
export interface WatchedWorld extends WatchScans {
  readonly started: { readonly id: ScanId; readonly ports: string; readonly targets: readonly string[] }[];
  readonly kept: ReadonlyMap<ScanId, Scan>;
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'web.test': ['127.0.0.9'],
  'two.test': ['127.0.0.7', '127.0.0.8'],
};

export function makeWatchedWorld(
  clock: ManualClock,
  answer: AnswerPort,
  status: () => Scan['status'] = () => 'complete',
): WatchedWorld {
  const scans = new Map<ScanId, Scan>();
  const hosts = new Map<ScanId, HostReport[]>();
  const ends = new Map<ScanId, Scan['status']>();
  const started: WatchedWorld['started'] = [];
  return {
    started,
    kept: scans,
    compact: async () => {},
    async start(_watch, request, id) {
      const parsed = parseRequest(request);
      if (!parsed.ok) return parsed;
      const planned = await planScan(parsed.value, {
        resolver: { resolve: async (name) => (NAMES[name] ?? []) as Address[] },
        clock,
        policy: LOCAL_POLICY,
        fleet: { workers: 2, socketsPerWorker: 1_000, maxProbesPerChunk: 65_536 },
        newId: () => id,
        newSeed: () => seed(7),
      });
      if (!planned.ok) return planned;
      if (scans.has(id)) return ok(undefined);
      ends.set(id, status());
      started.push({ id, ports: planned.value.request.ports, targets: planned.value.request.targets });
      scans.set(id, { ...planned.value, status: 'running' });
      hosts.set(id, answers(planned.value, answer, clock));
      return ok(undefined);
    },
    read: async (id) => {
      const scan = scans.get(id);
      const finishedAt = scan && epochMillis(scan.submittedAt + 5_000);
      return scan && finishedAt && finishedAt <= clock.wall()
        ? { ...scan, status: ends.get(id) ?? 'complete', finishedAt }
        : scan;
    },
    report: async (scan) => ({ scan, hosts: overTime(hosts.get(scan.id) ?? []) }) as unknown as Report,
    discard: async (id) => {
      scans.delete(id);
      hosts.delete(id);
    },
  };
}

async function* overTime<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

function answers(scan: Scan, answer: AnswerPort, clock: ManualClock): HostReport[] {
  const { at, count } = addressIndex(scan.plan.addresses);
  return Array.from({ length: Number(count) }, (_, index) => {
    const address = at(index);
    const findings: Finding[] = [];
    const runs: PortRun[] = [];
    for (const { protocol, port } of portsOf(scan.plan.ports)) {
      const said = answer(address, port);
      if ('verdict' in said) runs.push({ protocol, first: port, last: port, count: 1, verdict: said.verdict });
      else findings.push({ ...OPEN, address, protocol, port, seenAt: clock.wall(), ...said.open });
    }
    const names = scan.names.filter(({ addresses }) => addresses.includes(address)).map(({ name }) => name);
    return { address, names, findings, runs };
  });
}

const OPEN = {
  state: 'open',
  reason: 'syn-ack',
  service: { name: 'unavailable', method: 'table' },
  rtt: millis(1),
  attempt: 1,
} as const;
