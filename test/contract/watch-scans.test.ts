import { describe, expect, it, onTestFinished } from 'vitest';
import { openLocalNode } from '../../local/local-node.ts';
import { makeLocalWatchScans } from '../../local/watches/local-scans.ts';
import { millis, type ScanId, seed } from '../../shared/domain/units.ts';
import { LOCAL_POLICY } from '../../shared/request/target-policy.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { freshScanId, sampleScan } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { tempDir } from '../helpers/temp-dir.ts';

function localScans() {
  const node = openLocalNode(tempDir());
  onTestFinished(() => node.close());
  const clock = manualClock();
  const offered: ScanId[] = [];
  const planning = {
    resolver: { resolve: async () => [] },
    clock,
    policy: LOCAL_POLICY,
    fleet: { workers: 1, socketsPerWorker: 100, maxProbesPerChunk: 65_536 },
    newId: freshScanId,
    newSeed: () => seed(7),
  };
  return {
    node,
    clock,
    offered,
    scans: makeLocalWatchScans({ node, planning, clock, carryOut: (id) => offered.push(id) }),
  };
}

describe('The scans of watches on one machine', () => {
  it('are stored once under their id, in the name of the owner, and carried out', async () => {
    const { node, offered, scans } = localScans();
    const [watch, id] = [sampleWatch({ owner: 'local' }), freshScanId()];
    for (let time = 0; time < 2; time++) expect((await scans.start(watch, watch.spec.request, id)).ok).toBe(true);
    expect((await node.store.listScans({ limit: 10 })).items).toMatchObject([{ id, submittedBy: { caller: 'local' } }]);
    expect(new Set(offered)).toEqual(new Set([id]));
    expect(await scans.start(watch, { targets: ['nowhere.test'], ports: '1' }, freshScanId())).toMatchObject({
      ok: false,
    });
  });

  it('are gone on with where whoever ran them is gone: offered again, but not at every look', async () => {
    const { node, clock, offered, scans } = localScans();
    const scan = sampleScan({ status: 'running' });
    await node.store.createScan(scan);
    for (let look = 0; look < 5; look++) await scans.read(scan.id);
    expect(offered).toEqual([scan.id]);
    clock.advance(millis(30_000));
    await scans.read(scan.id);
    expect(offered).toEqual([scan.id, scan.id]);
  });

  it('are deleted when they are over, and not before', async () => {
    const { node, scans } = localScans();
    const [running, over] = [sampleScan({ status: 'running' }), sampleScan({ status: 'cancelled' })];
    for (const scan of [running, over]) {
      await node.store.createScan(scan);
      await scans.discard(scan.id);
    }
    await scans.discard(freshScanId());
    expect((await node.store.listScans({ limit: 10 })).items.map(({ id }) => id)).toEqual([running.id]);
  });
});
