import { describe, expect, it } from 'vitest';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { Timing } from '../../../shared/domain/timing-template.ts';
import { chunkNumber, millis, type PortNumber } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { PATIENCE } from '../../../shared/engine/target/icmp-limit.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { makeKnownTargets } from '../../../shared/usecases/known-targets.ts';
import { runChunk } from '../../../shared/usecases/run-chunk.ts';
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
