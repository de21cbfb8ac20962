import { describe, expect, it } from 'vitest';
import { addressIndex } from '../../../shared/domain/addresses/address-set.ts';
import { chunkNumber, seed } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { estimate } from '../../../shared/plan/estimate.ts';
import { parseRequest, type RawRequest } from '../../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { makeKnownTargets } from '../../../shared/usecases/known-targets.ts';
import { planScan } from '../../../shared/usecases/plan-scan.ts';
import { runChunk } from '../../../shared/usecases/run-chunk.ts';
import { makeBucket } from '../../helpers/limited-host.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';
import { valid } from '../../helpers/valid.ts';
import { type VirtualHost, virtualNetwork } from '../../helpers/virtual-network.ts';

const FLEET = { workers: 1, socketsPerWorker: 4_096, maxProbesPerChunk: 65_536 };

/** Plans a scan, carries it out in virtual time as one worker does, two chunks at once, and gives bounds and truth. */
async function boundsAndTruth(raw: RawRequest, hostOf: () => VirtualHost) {
  const planned = await planScan(valid(parseRequest(raw)), {
    resolver: { resolve: async () => [] },
    clock: { now: () => 0 as never, wall: () => 0 as never, after: () => () => {}, afterTurn: () => {} },
    policy: LOCAL_POLICY,
    fleet: FLEET,
    newId: freshScanId,
    newSeed: () => seed(7),
  });
  const scan = { ...valid(planned), status: 'running' as const };
  const { addressCount, chunks } = scan.plan.geometry;
  const { at } = addressIndex(scan.plan.addresses);
  const network = virtualNetwork(
    Object.fromEntries(Array.from({ length: addressCount }, (_, index) => [at(index), hostOf()])),
  );
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  const [budget, targetsOf] = [makeSocketBudget(FLEET.socketsPerWorker), makeKnownTargets()];
  const deps = {
    ...{ store, targetsOf, prober: network.prober, clock: network.clock, connector: nodeConnector },
    ...{
      budgetOf: () => budget,
      policy: LOCAL_POLICY,
      signal: new AbortController().signal,
      deadline: null,
      receiveCount: 1,
    },
    ...{ onStored: () => {}, onProgress: () => {} },
  };
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < chunks) await runChunk({ scanId: scan.id, chunk: chunkNumber(next++) }, deps);
  };
  await network.run(Promise.all([work(), work()]));
  const { shortest, ifSilent } = estimate(scan.plan, FLEET);
  return { least: shortest, truth: network.clock.now(), most: ifSilent };
}

const SILENT = (): VirtualHost => ({ treat: () => 'silent', rtt: 20 });
const CLOSED = (): VirtualHost => ({ treat: () => 'closed', rtt: 20 });
const OPEN = (): VirtualHost => ({ treat: () => 'open', rtt: 20 });
/** As Linux is by default: six at once, then one ICMP error a second. */
const LIMITED = (): VirtualHost => ({ ...CLOSED(), refusals: makeBucket(1, 6) });
const HALF_LIMITED = (): VirtualHost => ({
  treat: (port) => (port % 2 ? 'closed' : 'silent'),
  rtt: 20,
  refusals: makeBucket(1, 6),
});

const CASES: readonly (readonly [string, RawRequest, () => VirtualHost])[] = [
  ['UDP, closed behind an ICMP limit', { targets: ['10.0.0.1'], ports: 'U:1-120', timing: 'T4' }, LIMITED],
  ['UDP, half closed behind an ICMP limit', { targets: ['10.0.0.1'], ports: 'U:1-60', timing: 'T3' }, HALF_LIMITED],
  ['UDP, closed, past the patience', { targets: ['10.0.0.1'], ports: 'U:1-400', timing: 'T4' }, LIMITED],
  ['UDP of nine hosts behind limits', { targets: ['10.0.0.1-9'], ports: 'U:1-40', timing: 'T4' }, LIMITED],
  ['UDP, closed without a limit', { targets: ['10.0.0.1'], ports: 'U:1-500', timing: 'T3' }, CLOSED],
  ['UDP, silent', { targets: ['10.0.0.1'], ports: 'U:1-500', timing: 'T3' }, SILENT],
  ['UDP, open', { targets: ['10.0.0.1'], ports: 'U:1-500', timing: 'T3' }, OPEN],
  ['TCP and UDP, silent', { targets: ['10.0.0.1'], ports: 'T:1-300,U:1-300', timing: 'T4' }, SILENT],
  ['TCP, silent, T3', { targets: ['10.0.0.1'], ports: '1-3000', timing: 'T3' }, SILENT],
  ['TCP, silent, T4', { targets: ['10.0.0.1'], ports: '1-6000', timing: 'T4' }, SILENT],
  ['TCP, silent, T5', { targets: ['10.0.0.1'], ports: '1-5000', timing: 'T5' }, SILENT],
  ['TCP, silent, a few ports', { targets: ['10.0.0.1'], ports: '1-3', timing: 'T3' }, SILENT],
  ['TCP, closed, T3', { targets: ['10.0.0.1'], ports: '1-1000', timing: 'T3' }, CLOSED],
  ['TCP, open, T4', { targets: ['10.0.0.1'], ports: '1-2000', timing: 'T4' }, OPEN],
  ['TCP of a block, silent', { targets: ['10.0.0.0/26'], ports: '1-100', timing: 'T4' }, SILENT],
  ['TCP of a block, one port, silent', { targets: ['10.0.0.0/24'], ports: '443', timing: 'T3' }, SILENT],
  ['a block with discovery, silent', { targets: ['10.0.0.0/26'], ports: '1-1000', discovery: 'before' }, SILENT],
];

describe('What a dry run says of the time holds the truth of', () => {
  it.each(CASES)('%s', async (_, request, hostOf) => {
    const { least, truth, most } = await boundsAndTruth(request, hostOf);
    expect(truth).toBeGreaterThanOrEqual(least);
    expect(truth).toBeLessThanOrEqual(most);
    // A bound that says nothing would hold everything; of silent UDP ports it is for closed ones.
    const isWorst = hostOf === LIMITED || (hostOf === SILENT && !request.ports?.includes('U:'));
    if (isWorst) expect(most).toBeLessThan(2 * truth);
  });
});
