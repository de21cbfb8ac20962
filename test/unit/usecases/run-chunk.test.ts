import { describe, expect, it } from 'vitest';
import { portSet } from '../../../shared/domain/port-set.ts';
import { TIMING_TEMPLATES, type Timing } from '../../../shared/domain/timing-template.ts';
import { chunkNumber, millis, type PortNumber } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { PATIENCE } from '../../../shared/engine/target/icmp-limit.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { makeKnownTargets } from '../../../shared/usecases/known-targets.ts';
import { type RunChunkDeps, runChunk } from '../../../shared/usecases/run-chunk.ts';
import { makeBucket } from '../../helpers/limited-host.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { TEST_TIMING } from '../../helpers/run-engine.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';
import { virtualNetwork } from '../../helpers/virtual-network.ts';

const TIMING: Timing = { ...TEST_TIMING, template: 'T5', initialRttTimeout: millis(60), minRttTimeout: millis(40) };

describe('A chunk that many workers take in turn, each a new one,', () => {
  it('is checked for silent UDP ports no longer than the patience of its template, all of them together', async () => {
    const ports = portSet([], [[1 as PortNumber, 60 as PortNumber]]);
    const sample = sampleScan({ status: 'running' });
    const geometry = { ...sample.plan.geometry, portCount: 60, size: 60, lanes: 1 };
    const scan = { ...sample, plan: { ...sample.plan, ports, timing: TIMING, geometry } };
    const store = makeMemoryScanStore();
    await store.createScan(scan);
    // One answer in two seconds: sixty ports would take two minutes to check.
    const { clock, prober, run } = virtualNetwork({
      '127.0.0.1': { treat: () => 'closed', rtt: 1, refusals: makeBucket(0.5, 6) },
    });
    const deliver = () =>
      runChunk(
        { scanId: scan.id, chunk: chunkNumber(0) },
        {
          store,
          prober,
          connector: nodeConnector,
          clock,
          budgetOf: () => makeSocketBudget(100),
          policy: LOCAL_POLICY,
          targetsOf: makeKnownTargets(),
          receiveCount: 1,
          signal: new AbortController().signal,
          deadline: millis(clock.now() + 4_000),
          onStored: () => {},
          onProgress: () => {},
        },
      );
    const spent = async () => (await store.readCoverage(scan.id, chunkNumber(0)))?.tally.verifying ?? 0;
    let deliveries = 0;
    for (let ending = await run(deliver()); ending === 'put-back'; ending = await run(deliver())) {
      deliveries += 1;
      expect(deliveries).toBeLessThan(20);
    }
    expect(deliveries).toBeGreaterThan(1);
    expect(await spent()).toBeGreaterThanOrEqual(PATIENCE.T5);
    expect((await store.readScan(scan.id))?.status).toBe('finalizing');
  });
});

describe('How long a chunk will still take', () => {
  const leftsOf = async (how: Pick<RunChunkDeps, 'forecastEvery'>): Promise<(number | null)[]> => {
    const ports = portSet([[1 as PortNumber, 2_000 as PortNumber]], []);
    const sample = sampleScan({ status: 'running' });
    const geometry = { ...sample.plan.geometry, portCount: 2_000, size: 2_000, lanes: 1 };
    const scan = { ...sample, plan: { ...sample.plan, ports, timing: TIMING_TEMPLATES.T3, geometry } };
    const store = makeMemoryScanStore();
    await store.createScan(scan);
    const { clock, prober, run } = virtualNetwork({ '127.0.0.1': { treat: () => 'silent', rtt: 1 } });
    const lefts: (number | null)[] = [];
    await run(
      runChunk(
        { scanId: scan.id, chunk: chunkNumber(0) },
        {
          ...{ store, prober, connector: nodeConnector, clock, policy: LOCAL_POLICY, receiveCount: 1, deadline: null },
          ...{ budgetOf: () => makeSocketBudget(4_096), targetsOf: makeKnownTargets(), onStored: () => {} },
          signal: new AbortController().signal,
          onProgress: (_, progress) => {
            const { left, isOver } = progress();
            if (!isOver) lefts.push(left);
          },
          ...how,
        },
      ),
    );
    return lefts;
  };

  it('is not found out where nobody looks', async () => {
    const lefts = await leftsOf({});
    expect(lefts.length).toBeGreaterThan(10);
    expect(lefts.every((left) => left === null)).toBe(true);
  });

  it('is told from the first time on that it is asked for, and falls between two times', async () => {
    const lefts = await leftsOf({ forecastEvery: millis(250) });
    const first = lefts.findIndex((left) => left !== null);
    // Progress is told every 100 ms, and before and after the sweep, where there is nothing to tell.
    expect(first).toBe(3);
    expect(lefts.slice(first, -1).every((left) => left !== null)).toBe(true);
    const [one, next] = [lefts[first] ?? 0, lefts[first + 1] ?? 0];
    expect(one - next).toBeCloseTo(100, 0);
  });
});
