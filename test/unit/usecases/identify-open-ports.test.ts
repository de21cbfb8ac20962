import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/domain/finding.ts';
import { portsInRow } from '../../../shared/domain/port-list.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { chunkNumber, type PortNumber } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import type { Clock } from '../../../shared/seams/clock.ts';
import type { Connector } from '../../../shared/seams/connector.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { identifyOpenPorts } from '../../../shared/usecases/identify-open-ports.ts';
import { type RunChunkDeps, runChunk } from '../../../shared/usecases/run-chunk.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleFinding, sampleScan } from '../../helpers/sample-scan.ts';
import { type VirtualConnector, virtualConnector } from '../../helpers/virtual-connector.ts';
import { type VirtualNetwork, virtualNetwork } from '../../helpers/virtual-network.ts';

const GREETING = 'SSH-2.0-OpenSSH_9.9\r\n';

/** Three ports that greet like SSH, in one running scan of one chunk, at the end of a wire in virtual time. */
async function scanOfThree(detect: Scan['plan']['detect']) {
  const network = virtualNetwork({ '127.0.0.1': { treat: () => 'open', rtt: 1 } });
  const ports = [2_201, 2_202, 2_203] as PortNumber[];
  const base = sampleScan({ status: 'running' });
  const geometry = { ...base.plan.geometry, portCount: 3, size: 3, lanes: 1, kind: 'whole' } as const;
  const timing = { ...TIMING_TEMPLATES.T4, ratePerTarget: null };
  const plan = { ...base.plan, timing, ports: { tcp: ports.map((port) => [port, port] as const), udp: [] }, geometry };
  const scan: Scan = { ...base, names: [], plan: { ...plan, detect } };
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  return { scan, store, ports, network };
}

const greeters = (clock: Clock): VirtualConnector => virtualConnector(clock, { greeting: GREETING });

function depsFor(
  scan: Scan,
  store: ScanStore,
  { clock, prober }: Pick<VirtualNetwork, 'clock' | 'prober'>,
  over: Partial<RunChunkDeps> = {},
): RunChunkDeps {
  const targets = makeTargetStates(scan.plan.timing, 1);
  const budget = makeSocketBudget(50);
  return {
    store,
    prober,
    connector: greeters(clock),
    clock,
    budgetOf: () => budget,
    policy: LOCAL_POLICY,
    targetsOf: () => targets,
    receiveCount: 1,
    signal: new AbortController().signal,
    deadline: null,
    onStored: () => {},
    onProgress: () => {},
    ...over,
  };
}

const stored = async (store: ScanStore, { id }: Scan): Promise<Finding[]> =>
  [...(await store.readFindings(id, chunkNumber(0)))].sort((a, b) => a.port - b.port);

const message = ({ id }: Scan) => ({ scanId: id, chunk: chunkNumber(0) });

describe('a chunk of a scan that wants services', () => {
  it('is done when every open port was probed, and keeps when each was seen', async () => {
    const { scan, store, ports, network } = await scanOfThree('services');
    const told: Finding[][] = [];
    const deps = depsFor(scan, store, network, { onStored: (each) => told.push([...each]) });
    expect(await network.run(runChunk(message(scan), deps))).toBe('done');
    const findings = await stored(store, scan);
    expect(findings.map(({ port, service, banner }) => [port, service.product, banner])).toEqual(
      ports.map((port) => [port, 'OpenSSH', GREETING]),
    );
    const firstSights = told.flat().filter(({ banner }) => banner === undefined);
    expect(findings.map(({ port, seenAt }) => [port, seenAt])).toEqual(
      firstSights.map(({ port, seenAt }) => [port, seenAt]).sort(([a = 0], [b = 0]) => a - b),
    );
  });

  it('opens no connection when the scan does not want it', async () => {
    const { scan, store, network } = await scanOfThree('none');
    const connector = greeters(network.clock);
    expect(await network.run(runChunk(message(scan), depsFor(scan, store, network, { connector })))).toBe('done');
    expect([...connector.connected]).toEqual([]);
    expect((await stored(store, scan)).map(({ banner }) => banner)).toEqual([undefined, undefined, undefined]);
  });

  it('is delivered again after a crash in the middle, and probes only the ports that are left', async () => {
    const { scan, store, ports, network } = await scanOfThree('services');
    const [first, second] = [greeters(network.clock), greeters(network.clock)];
    // The store takes what was found of one port, and dies at the next.
    const shaky: ScanStore = {
      ...store,
      putFindings: async (id, chunk, findings) => {
        const [identified, ...rest] = findings.filter(({ banner }) => banner !== undefined);
        await store.putFindings(id, chunk, identified ? [identified] : findings);
        if (identified && (rest.length > 0 || first.connected.size > 1)) throw new Error('the store is gone');
      },
    };
    const crash = runChunk(message(scan), depsFor(scan, shaky, network, { connector: first }));
    await expect(network.run(crash)).rejects.toThrow('gone');
    const known = (await stored(store, scan)).filter(({ banner }) => banner !== undefined);
    expect(known).toHaveLength(1);
    const again = runChunk(message(scan), depsFor(scan, store, network, { connector: second }));
    expect(await network.run(again)).toBe('done');
    const left = ports.filter((port) => port !== known[0]?.port);
    expect([...second.connected.keys()].sort((a, b) => a - b)).toEqual(left);
    expect((await stored(store, scan)).map(({ service }) => service.name)).toEqual(['ssh', 'ssh', 'ssh']);
  });

  it('is put back when it is stopped in the middle, and goes on from there', async () => {
    const { scan, store, network } = await scanOfThree('services');
    const controller = new AbortController();
    const connector = greeters(network.clock);
    const stopping: Connector = {
      connect(peer, onEvent) {
        controller.abort();
        return connector.connect(peer, onEvent);
      },
    };
    const deps = depsFor(scan, store, network, { connector: stopping, signal: controller.signal });
    expect(await network.run(runChunk(message(scan), deps))).toBe('put-back');
    expect((await store.readScan(scan.id))?.status).toBe('running');
    expect(await network.run(runChunk(message(scan), depsFor(scan, store, network)))).toBe('done');
    expect((await stored(store, scan)).map(({ service }) => service.name)).toEqual(['ssh', 'ssh', 'ssh']);
  });
});

describe('a host that accepts on everything', () => {
  it('is probed on so many ports and no more, those with a name first', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = makeMemoryScanStore();
    await store.createScan({ ...scan, plan: { ...scan.plan, detect: 'services' } });
    const name = (port: number): string => (port > 1_990 ? 'named' : 'unavailable');
    const all = Array.from({ length: 1_000 }, (_, at) => 1_001 + at);
    await store.putFindings(
      scan.id,
      chunkNumber(0),
      all.map((port) => sampleFinding(port, { service: { name: name(port), method: 'table' } })),
    );
    const connected = new Set<PortNumber>();
    const tarpit: Connector = {
      connect(peer, onEvent) {
        connected.add(peer.port);
        setImmediate(() => onEvent({ kind: 'ended', errno: 'ECONNREFUSED' }));
        return { send: () => {}, secure: () => {}, close: () => {} };
      },
    };
    const stored = await store.readScan(scan.id);
    const chunk = { number: chunkNumber(0), addresses: [], ports: portsInRow([]), size: 0, lane: 0 };
    const { ending, asked } = await identifyOpenPorts(stored ?? scan, chunk, {
      ...depsFor(scan, store, virtualNetwork({}), { connector: tarpit }),
      budget: makeSocketBudget(50),
      targets: makeTargetStates({ ...scan.plan.timing, ratePerTarget: null }, 1),
    });
    expect({ ending, asked, connected: connected.size }).toEqual({ ending: 'done', asked: 256, connected: 256 });
    expect([...connected]).toEqual(expect.arrayContaining(all.filter((port) => port > 1_990)));
  });
});
