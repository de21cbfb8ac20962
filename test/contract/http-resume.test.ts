import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STORE_FILE } from '../../local/data-dir.ts';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { takeLease } from '../../local/sqlite/scan-lease.ts';
import { scanSchema } from '../../shared/api/resources/scan-resource.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, epochMillis, millis } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { outgoingOf } from '../../shared/plan/outgoing.ts';
import { aggregateScan } from '../../shared/usecases/aggregate-scan.ts';
import { failChunk } from '../../shared/usecases/fail-chunk.ts';
import { type ApiUnderTest, startApi } from '../helpers/http-api.ts';
import { sampleScan, sampleSummary } from '../helpers/sample-scan.ts';

/** A scan of one chunk, 65,535 ports, none of which any worker could probe. */
async function givenUp({ node: { store }, clock }: ApiUnderTest): Promise<Scan> {
  const scan = sampleScan({ status: 'running' });
  await store.createScan(scan);
  await failChunk({ store, clock }, { scanId: scan.id, chunk: chunkNumber(0) });
  await aggregateScan({ store, clock }, scan.id);
  return scan;
}

/** Makes the scan one that some process of this machine works on. */
function hold({ directory }: ApiUnderTest, { id }: Scan): void {
  const database = openDatabase(join(directory, STORE_FILE));
  onTestFinished(() => database.close());
  takeLease(database, id, process.pid, systemClock);
}

describe('POST /scans/{id}/resume', () => {
  it('probes again what a chunk that failed left over', async () => {
    const api = await startApi();
    const { id } = await givenUp(api);
    expect((await api.stored(id)).status).toBe('complete-with-gaps');
    const answer = await api.ask('POST', `/scans/${id}/resume`);
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({ scanId: id, status: 'running', done: 0, summary: { unprobed: {} } });
    expect(api.enqueued).toEqual([id]);
  });

  it('sets going what was interrupted, and leaves alone what another process works on', async () => {
    const api = await startApi();
    const [left, held] = [sampleScan({ status: 'running' }), sampleScan({ status: 'running' })];
    for (const scan of [left, held]) await api.node.store.createScan(scan);
    hold(api, held);
    expect((await api.ask('POST', `/scans/${left.id}/resume`)).status).toBe(202);
    expect((await api.ask('POST', `/scans/${held.id}/resume`)).codes()).toEqual(['SCAN_ALREADY_RUNNING']);
    expect(api.enqueued).toEqual([left.id]);
  });

  it('has nothing to go on with where a scan is complete, cancelled, or has gaps that stay', async () => {
    const api = await startApi();
    const over = { finishedAt: epochMillis(1_795_348_802_000), summary: sampleSummary() };
    const gaps = { ...sampleSummary(), pending: 0, unprobed: { 'unprobed/no-route': 5 } };
    for (const scan of [
      sampleScan({ status: 'complete', ...over }),
      sampleScan({ status: 'cancelled', ...over }),
      sampleScan({ status: 'complete-with-gaps', ...over, summary: gaps }),
    ]) {
      await api.node.store.createScan(scan);
      expect((await api.ask('POST', `/scans/${scan.id}/resume`)).codes(), scan.status).toEqual(['SCAN_OVER']);
    }
    expect(api.enqueued).toEqual([]);
  });

  it('takes what is left to probe from the quota of the caller', async () => {
    const api = await startApi({ quota: { probesPerDay: 65_000, scansAtOnce: null } });
    const { id } = await givenUp(api);
    const refused = await api.ask('POST', `/scans/${id}/resume`);
    expect(refused.codes()).toEqual(['PROBES_SPENT']);
    expect((await api.stored(id)).status).toBe('complete-with-gaps');
  });
});

describe('GET /scans/{id}', () => {
  it('tells how many chunks workers hold, and nothing where no worker has the scan', async () => {
    const api = await startApi();
    const scan = sampleScan({ chunks: 4, status: 'running' });
    await api.node.store.createScan(scan);
    const workers = async () => scanSchema.parse((await api.ask('GET', `/scans/${scan.id}`)).json()).workers;
    expect(await workers()).toBeNull();
    hold(api, scan);
    expect(await workers()).toBe(0);
    const queue = api.node.queueOf(scan.id);
    await queue.send(outgoingOf({ ...scan }, [0, 1].map(chunkNumber)));
    expect(await queue.receive(1, millis(60_000))).toHaveLength(1);
    expect(await workers()).toBe(1);
  });
});
