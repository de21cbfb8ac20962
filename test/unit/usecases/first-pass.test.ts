import { describe, expect, it } from 'vitest';
import { portsOf } from '../../../shared/domain/port-list.ts';
import { countPorts, portSet } from '../../../shared/domain/port-set.ts';
import type { Probe } from '../../../shared/domain/probe.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { type Address, chunkNumber, type PortNumber, seed } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { systemClock } from '../../../shared/net/system-clock.ts';
import { parseRequest, type RawRequest } from '../../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import type { Prober } from '../../../shared/seams/prober.ts';
import { aggregateScan } from '../../../shared/usecases/aggregate-scan.ts';
import { hostReports } from '../../../shared/usecases/host-reports.ts';
import { planScan } from '../../../shared/usecases/plan-scan.ts';
import { runChunk } from '../../../shared/usecases/run-chunk.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';
import { valid } from '../../helpers/valid.ts';

/** What a made-up host does with a probe; no packet leaves. */
type Answer = 'open' | 'refused' | 'silent';
type Network = (probe: Probe) => Answer;

/** Runs every chunk of a scan against a made-up network, and tells what was sent and what was stored. */
async function scanned(
  raw: Partial<RawRequest>,
  network: Network,
  isLast: (probe: Probe) => boolean = () => false,
  onSent: (probe: Probe, waiting: ReadonlySet<Probe>) => void = () => {},
) {
  const fleet = { workers: 1, socketsPerWorker: 500, maxProbesPerChunk: 20_000 };
  const request = valid(parseRequest({ targets: ['10.0.0.0/30'], timeout: '0.05', retries: 1, rate: 'none', ...raw }));
  const clock = systemClock;
  const resolver = { resolve: async () => [] };
  const newSeed = () => seed(7);
  const planned = valid(
    await planScan(request, { resolver, clock, policy: LOCAL_POLICY, fleet, newId: freshScanId, newSeed }),
  );
  const scan: Scan = { ...planned, status: 'running' };
  const sent: Probe[] = [];
  const waiting = new Set<Probe>();
  let controller = new AbortController();
  const prober: Prober = {
    send(probe, tell) {
      sent.push(probe);
      onSent(probe, waiting);
      if (isLast(probe)) controller.abort();
      const answer = network(probe);
      if (answer === 'open') tell({ kind: 'accepted' });
      if (answer === 'refused') tell({ kind: 'errno', errno: 'ECONNREFUSED' });
      if (answer === 'silent') waiting.add(probe);
      return { cancel: () => waiting.delete(probe) };
    },
  };
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  const targets = makeTargetStates(scan.plan.timing, 1);
  const budget = makeSocketBudget(500);
  const deliver = async () => {
    controller = new AbortController();
    for (let chunk = 0; chunk < scan.plan.geometry.chunks; chunk++) {
      await runChunk(
        { scanId: scan.id, chunk: chunkNumber(chunk) },
        {
          store,
          prober,
          connector: nodeConnector,
          clock,
          budgetOf: () => budget,
          policy: LOCAL_POLICY,
          targetsOf: () => targets,
          receiveCount: 1,
          signal: controller.signal,
          deadline: null,
          onStored: () => {},
          onProgress: () => {},
        },
      );
    }
  };
  await deliver();
  await aggregateScan({ store, clock }, scan.id);
  const hosts = new Map<Address, { open: number[]; runs: Record<string, number> }>();
  for await (const { address, findings, runs } of hostReports(scan, store)) {
    const counts: Record<string, number> = {};
    for (const { verdict, count } of runs) counts[verdict] = (counts[verdict] ?? 0) + count;
    hosts.set(address, { open: findings.map(({ port }) => port), runs: counts });
  }
  const sentTo = (address: string) => sent.filter((probe) => probe.address === address);
  return { scan, hosts, sentTo, deliver, sent, after: await store.readScan(scan.id) };
}

const portsSentTo = (probes: readonly Probe[]) => new Set(probes.map(({ port }) => port));

/** .0 is silent, .1 refuses everything, .2 is behind a firewall with two services, .3 only has a port nobody expects. */
const NETWORK: Network = ({ address, port }) => {
  if (address === '10.0.0.1') return 'refused';
  if (address === '10.0.0.2' && [443, 500].includes(port)) return 'open';
  if (address === '10.0.0.3' && port === 700) return 'open';
  return 'silent';
};

describe('host discovery before the ports', () => {
  it('probes every port of hosts that answer, if only to refuse, and leaves silent addresses alone', async () => {
    const { scan, hosts, sentTo, after } = await scanned({ ports: '1-1000', discovery: 'before' }, NETWORK);
    const discovery = scan.plan.discovery?.kind === 'before' ? scan.plan.discovery.ports : portSet([], []);
    const inPlan = [...portsOf(discovery)].filter(({ port }) => port <= 1_000).length;
    const outside = countPorts(discovery) - inPlan;
    expect(hosts.get('10.0.0.0' as Address)).toEqual({
      open: [],
      runs: { 'filtered/no-response': inPlan, 'unprobed/host-silent': 1_000 - inPlan },
    });
    expect(hosts.get('10.0.0.1' as Address)).toEqual({ open: [], runs: { 'closed/conn-refused': 1_000 } });
    expect(hosts.get('10.0.0.2' as Address)).toEqual({ open: [443, 500], runs: { 'filtered/no-response': 998 } });
    expect(hosts.get('10.0.0.3' as Address)?.open).toEqual([]);
    expect(portsSentTo(sentTo('10.0.0.0')).size).toBe(countPorts(discovery));
    expect(portsSentTo(sentTo('10.0.0.1')).size).toBe(1_000 + outside);
    // What was left out because it was asked for is no gap.
    expect(after?.status).toBe('complete');
    expect(after?.summary?.unprobed).toEqual({ 'unprobed/host-silent': 2 * (1_000 - inPlan) });
  });

  it('probes the hosts that have answered while it still waits for the silent ones', async () => {
    const meanwhile = new Set<string>();
    const onSent = ({ address, port }: Probe, waiting: ReadonlySet<Probe>): void => {
      const isWaited = [...waiting].some((probe) => probe.address === '10.0.0.0');
      if (isWaited && port > 500 && port < 600) meanwhile.add(address);
    };
    const raw = { ports: '1-1000', discovery: 'before', timing: 'T5', timeout: undefined } as const;
    const { hosts, sentTo } = await scanned(raw, NETWORK, undefined, onSent);
    expect([...meanwhile].sort()).toEqual(['10.0.0.1', '10.0.0.2']);
    // But for a few pings, nothing is asked twice that was answered.
    expect(sentTo('10.0.0.1').length - portsSentTo(sentTo('10.0.0.1')).size).toBeLessThan(10);
    expect(hosts.get('10.0.0.1' as Address)).toEqual({ open: [], runs: { 'closed/conn-refused': 1_000 } });
    expect(hosts.get('10.0.0.2' as Address)).toEqual({ open: [443, 500], runs: { 'filtered/no-response': 998 } });
  });

  it('waits longest for the likeliest ports, of every address alike', async () => {
    const firstOf = new Map<Address, number[]>();
    const onSent = ({ address, port }: Probe): void => {
      const ports = firstOf.get(address) ?? [];
      firstOf.set(address, [...ports, port]);
    };
    await scanned({ ports: '1-1000', discovery: 'before' }, NETWORK, undefined, onSent);
    expect([...firstOf.values()].map((ports) => ports.slice(0, 2))).toEqual(Array(4).fill([443, 80]));
  });

  it('loses no port of a scan that does not ask for it', async () => {
    const { hosts, after } = await scanned({ ports: '1-1000' }, NETWORK);
    expect(hosts.get('10.0.0.3' as Address)?.open).toEqual([700]);
    expect(after?.summary?.unprobed).toEqual({});
  });

  it('never sends to a port that was excluded', async () => {
    const { sent } = await scanned({ ports: '1-1000', excludePorts: '443,8080', discovery: 'before' }, NETWORK);
    expect(sent.filter(({ port }) => port === 443 || port === 8080)).toEqual([]);
  });

  it('probes no more than the ports that are wanted where those are few', async () => {
    const { sent, hosts } = await scanned({ ports: '700', discovery: 'before' }, NETWORK);
    expect([...portsSentTo(sent)]).toEqual([700]);
    expect(hosts.get('10.0.0.3' as Address)?.open).toEqual([700]);
  });

  it('keeps what it found when a delivery is stopped after it', async () => {
    // More ports than are probed meanwhile.
    const rest = ({ address, port }: Probe): boolean => address === '10.0.0.1' && port === 3_900;
    const { sentTo, deliver } = await scanned({ ports: '1-4000', discovery: 'before' }, NETWORK, rest);
    const [silent, refusing] = [sentTo('10.0.0.0').length, sentTo('10.0.0.1').length];
    expect(refusing).toBeLessThan(4_000);
    await deliver();
    expect(sentTo('10.0.0.0')).toHaveLength(silent);
    expect(sentTo('10.0.0.1').length).toBeGreaterThan(refusing);
  });

  it('finds a host by its UDP ports where UDP is scanned', async () => {
    const dns: Network = ({ address, protocol, port }) =>
      address === '10.0.0.3' && protocol === 'udp' && port === 161 ? 'refused' : 'silent';
    const { hosts } = await scanned({ ports: 'U:100-200', discovery: 'before' }, dns);
    expect(Object.keys(hosts.get('10.0.0.0' as Address)?.runs ?? {})).toContain('unprobed/host-silent');
    expect(Object.keys(hosts.get('10.0.0.3' as Address)?.runs ?? {})).not.toContain('unprobed/host-silent');
  });
});

describe('a search for hosts alone', () => {
  it('probes the ports that tell of hosts and no other', async () => {
    const { hosts, sent, scan } = await scanned({ discovery: 'only' }, NETWORK);
    expect(countPorts(scan.plan.ports)).toBeLessThan(16);
    expect(portsSentTo(sent)).toEqual(new Set([...portsOf(scan.plan.ports)].map(({ port }) => port)));
    expect(hosts.get('10.0.0.2' as Address)?.open).toEqual([443]);
  });

  it('goes by the ports that are written, where some are', async () => {
    const { sent } = await scanned({ discovery: 'only', ports: '700' }, NETWORK);
    expect(portsSentTo(sent)).toEqual(new Set([700 as PortNumber]));
  });
});

describe('a host that accepts on everything', () => {
  const tarpit: Network = ({ address }) => (address === '10.0.0.1' ? 'open' : 'refused');

  it('costs a sample of its ports where that is asked for, and is told of', async () => {
    const { hosts, sentTo, after } = await scanned({ ports: '1-4000', skipAllOpen: true }, tarpit);
    const host = hosts.get('10.0.0.1' as Address);
    expect(host?.open.length).toBeLessThan(400);
    expect(host?.runs).toEqual({ 'unprobed/all-open': 4_000 - (host?.open.length ?? 0) });
    expect(sentTo('10.0.0.1').length).toBeLessThan(400);
    expect(hosts.get('10.0.0.2' as Address)?.runs).toEqual({ 'closed/conn-refused': 4_000 });
    expect(after?.status).toBe('complete');
    expect(after?.summary?.anomalies.map(({ address }) => address)).toEqual(['10.0.0.1']);
  });

  it('is probed on every port otherwise', async () => {
    const { hosts } = await scanned({ ports: '1-4000' }, tarpit);
    expect(hosts.get('10.0.0.1' as Address)?.open).toHaveLength(4_000);
  });
});
