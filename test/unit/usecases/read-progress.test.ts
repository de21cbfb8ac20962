import { describe, expect, it } from 'vitest';
import { FLEET_FLUSH_EVERY } from '../../../shared/domain/limits.ts';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { chunkNumber, epochMillis, millis, type PortNumber } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { makeToldTimeLeft, storedTimeLeft } from '../../../shared/plan/scan-time-left.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { makeKnownTargets } from '../../../shared/usecases/known-targets.ts';
import { readProgress } from '../../../shared/usecases/read-progress.ts';
import { runChunk } from '../../../shared/usecases/run-chunk.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';
import { type Treatment, type VirtualHost, virtualNetwork } from '../../helpers/virtual-network.ts';

const LOOK_EVERY = millis(500);
/** Times are shown in whole seconds, rounded up. */
const SHOWN = 1_000;

/** A tenth is open, four tenths are closed, the rest is dropped. */
const mixed = (port: number): Treatment => (port % 10 === 0 ? 'open' : port % 10 < 5 ? 'closed' : 'silent');

function scanOf(portCount: number, chunks: number): Scan {
  const sample = sampleScan({ status: 'running' });
  const geometry = { ...sample.plan.geometry, portCount, size: portCount / chunks, chunks, lanes: 2 };
  const ports = portSet([[1 as PortNumber, portCount as PortNumber]], []);
  return { ...sample, plan: { ...sample.plan, ports, timing: TIMING_TEMPLATES.T2, geometry } };
}

/** Two workers of a fleet carry the scan out in virtual time; what whoever follows it would say of it meanwhile. */
async function lookAtFleet(host: VirtualHost, scan: Scan, done: number) {
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  const { clock, prober, run } = virtualNetwork({ '127.0.0.1': host });
  const chunks = Array.from({ length: scan.plan.geometry.chunks }, (_, number) => chunkNumber(number));
  let held = 0;
  const work = async (queue: typeof chunks): Promise<void> => {
    const targetsOf = makeKnownTargets();
    const budget = makeSocketBudget(1_000);
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      held += 1;
      await runChunk(
        { scanId: scan.id, chunk },
        {
          ...{ store, prober, connector: nodeConnector, clock, policy: LOCAL_POLICY, receiveCount: 1, deadline: null },
          ...{ flushEvery: FLEET_FLUSH_EVERY, onStored: () => {}, onProgress: () => {} },
          ...{ targetsOf, budgetOf: () => budget, signal: new AbortController().signal },
        },
      );
      held -= 1;
    }
  };
  // What an earlier run of a resumed scan has settled.
  await run(work(chunks.splice(0, done)));
  const begunAt = clock.now();
  const looks: { readonly at: number; readonly left: number | null }[] = [];
  const told = makeToldTimeLeft(clock);
  let isOver = false;
  const look = async (): Promise<void> => {
    const { left } = await readProgress({ store, clock }, (await store.readScan(scan.id)) ?? scan, held);
    if (isOver) return;
    looks.push({ at: clock.now() - begunAt, left: told(left) });
    clock.after(LOOK_EVERY, () => void look());
  };
  clock.after(LOOK_EVERY, () => void look());
  await run(Promise.all([work(chunks), work(chunks)]));
  isOver = true;
  return { looks, took: clock.now() - begunAt };
}

describe('The time left of a scan that a fleet carries out, by what the workers write beside their checkpoints, is', () => {
  it.each<[string, VirtualHost, number, number, number]>([
    ['a mixed host', { treat: mixed, rtt: 20 }, 4_000, 4, 0],
    ['a scan of a silent host that was a third done, and resumed', { treat: () => 'silent', rtt: 20 }, 6_000, 6, 2],
  ])('at most a quarter of the truth (and a second) off from a tenth of the time on for %s', async (...each) => {
    const [, host, ports, chunks, done] = each;
    const { looks, took } = await lookAtFleet(host, scanOf(ports, chunks), done);
    const wrong = looks.filter(({ at, left }) => {
      const truth = took - at;
      return at >= took / 10 && (left === null || Math.abs(left - truth) > truth / 4 + SHOWN);
    });
    expect(wrong).toEqual([]);
    expect(looks.length).toBeGreaterThan(5);
  });

  it('not told by a worker that has written nothing for ten seconds, nor of a scan that is over', async () => {
    const now = epochMillis(1_795_348_800_000);
    const forecast = { at: epochMillis(now - 2_000), elapsed: millis(4_000), left: millis(6_000), next: null };
    const chunk = { size: 100, pending: 40, forecast };
    expect(storedTimeLeft([chunk], 1, now)).toBe(4_000);
    expect(storedTimeLeft([chunk, { size: 100, pending: 100, forecast: null }], 1, now)).toBeCloseTo(14_000);
    expect(storedTimeLeft([chunk, { size: 100, pending: 100, forecast: null }], 2, now)).toBeCloseTo(10_000);
    expect(storedTimeLeft([{ ...chunk, forecast: { ...forecast, at: epochMillis(now - 10_000) } }], 1, now)).toBeNull();
    expect(storedTimeLeft([{ size: 100, pending: 0, forecast: null }], 0, now)).toBeNull();
  });
});
