import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDynamoCallerStore } from '../../lambdas/aws/dynamo/caller-store.ts';
import { itemBytes } from '../../lambdas/aws/dynamo/item-size.ts';
import { chunkPartition, scanKey } from '../../lambdas/aws/dynamo/keys.ts';
import { makePartitionReads } from '../../lambdas/aws/dynamo/partition-reads.ts';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../lambdas/aws/dynamo/scan-store.ts';
import { activeScans, countActive, forgetActive } from '../../lambdas/aws/dynamo/scans.ts';
import { makeTable } from '../../lambdas/aws/dynamo/table.ts';
import { makeUsageStore } from '../../lambdas/aws/dynamo/usage.ts';
import { makeHandler as makeWorker } from '../../lambdas/worker/handler.ts';
import { NO_PROBES, type Run } from '../../shared/domain/coverage.ts';
import { WORKER_PROBES } from '../../shared/domain/limits.ts';
import { portsOf } from '../../shared/domain/port-list.ts';
import type { AddressRange } from '../../shared/domain/scan.ts';
import { type Address, chunkNumber, millis, type PortNumber } from '../../shared/domain/units.ts';
import { NO_USAGE } from '../../shared/domain/usage.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { LAMBDA_EGRESS } from '../../shared/request/egress-restrictions.ts';
import { LOCAL_POLICY } from '../../shared/request/target-policy.ts';
import { makeAnomalyFinder } from '../../shared/usecases/find-anomalies.ts';
import { ownTable } from '../helpers/aws/dynamo-local.ts';
import { seededRandom } from '../helpers/faults.ts';
import { contextWith, sqsEvent, sqsRecord } from '../helpers/lambda/events.ts';
import { keepWords } from '../helpers/lambda/quiet.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { freshScanId, sampleFinding, sampleScan, sampleSummary } from '../helpers/sample-scan.ts';

const DAY = millis(86_400_000);
const RETENTION_DAYS = 30;
const FIRST = chunkNumber(0);

/** What is this store's own, beside what every store does: how it lies in the table, what it costs, when it is forgotten. */
export function dynamoOwnContract(endpointOf: () => string): void {
  async function bench() {
    const { client, table, remove } = await ownTable(endpointOf());
    onTestFinished(remove);
    const clock = manualClock();
    return { clock, client, table, store: makeDynamoScanStore(table, makeRetention(RETENTION_DAYS, clock), clock) };
  }
  type Bench = Awaited<ReturnType<typeof bench>>;

  async function itemsIn({ table }: Bench, pk: string): Promise<{ count: number; largest: number }> {
    let [count, largest] = [0, 0];
    for await (const item of table.query(pk)) {
      count += 1;
      largest = Math.max(largest, itemBytes(item));
    }
    return { count, largest };
  }

  describe('the store over DynamoDB, as it lies in its table,', () => {
    it('keeps the 65,535 ports of a host that accepts everything in some hundred small items', async () => {
      const here = await bench();
      const id = freshScanId();
      const all = Array.from({ length: 65_535 }, (_, at) => sampleFinding(at + 1, { rtt: millis(at / 7) }));
      await here.store.putFindings(id, FIRST, all);
      expect(await here.store.readFindings(id, FIRST)).toHaveLength(65_535);
      const { count, largest } = await itemsIn(here, chunkPartition(id, FIRST));
      expect(count).toBe(Math.ceil(65_535 / 100));
      expect(largest).toBeLessThan(4_096);
    });

    it('keeps a checkpoint from the middle of a shuffled chunk in one or two write units', async () => {
      const here = await bench();
      const id = freshScanId();
      const random = seededRandom(5);
      const runs: Run[] = Array.from({ length: WORKER_PROBES }, () => [
        1,
        random() < 0.5 ? 'pending' : 'filtered/no-response',
      ]);
      await here.store.putCoverage(id, { chunk: FIRST, runs, tally: NO_PROBES });
      expect((await itemsIn(here, chunkPartition(id, FIRST))).largest).toBeLessThan(2_048);
      const stored = await here.store.readCoverage(id, FIRST);
      const flat = (of: readonly Run[] = []) => of.flatMap(([length, verdict]) => Array<string>(length).fill(verdict));
      expect(flat(stored?.runs)).toEqual(flat(runs));
    });

    it('refuses a list of targets that no item can hold, with words for the user', async () => {
      const here = await bench();
      const random = seededRandom(9);
      const address = () => Array.from({ length: 4 }, () => Math.floor(random() * 256)).join('.') as Address;
      const addresses: AddressRange[] = Array.from({ length: 60_000 }, () => ({ first: address(), last: address() }));
      const scan = sampleScan();
      const large = { ...scan, plan: { ...scan.plan, addresses } };
      await expect(here.store.createScan(large)).rejects.toMatchObject({ errors: [{ code: 'TOO_MANY_PROBES' }] });
      expect((await here.store.listScans({ limit: 1 })).items).toEqual([]);
    });

    it('holds the summary of a /16 whose hosts all accept on everything, and of a request as large as any', async () => {
      const here = await bench();
      const finder = makeAnomalyFinder();
      const open = [[100, 'open/syn-ack']] as const;
      const ports = portsOf({ tcp: [[1 as PortNumber, 100 as PortNumber]], udp: [] }, 0, 100);
      for (let host = 0; host < 65_536; host++) {
        const addresses = [`10.255.${host >> 8}.${host & 255}` as Address];
        finder.see({ number: FIRST, addresses, ports, size: 100, lane: 0 }, open);
      }
      const { unheard, ...found } = finder.result();
      expect(unheard).toBe(0);
      expect([found.anomalies.length, found.anomaliesLeftOut]).toEqual([100, 65_436]);
      const scan = sampleScan({ status: 'finalizing' });
      await here.store.createScan(scan);
      const summary = { ...sampleSummary(), ...found };
      expect(await here.store.finishScan(scan.id, 'complete', summary, scan.submittedAt)).toBe(true);
      expect((await here.store.readScan(scan.id))?.summary).toEqual(summary);
      expect((await itemsIn(here, scan.id)).largest).toBeLessThan(20_000);
    });

    it('throws what DynamoDB finds wrong as a mistake of ours, which no other try would mend', async () => {
      const here = await bench();
      const tooLarge = { pk: 'any', sk: 'item', large: 'x'.repeat(410_000) };
      await expect(here.table.put(tooLarge)).rejects.toMatchObject({ name: 'ValidationException' });
    });

    it('holds the largest body that the API takes, however little of it repeats', async () => {
      const here = await bench();
      const random = seededRandom(3);
      const address = () => Array.from({ length: 4 }, () => Math.floor(random() * 256)).join('.') as Address;
      const targets = Array.from({ length: 4_000 }, address);
      const scan = sampleScan();
      const addresses = targets.map((each) => ({ first: each, last: each }));
      const wide = { ...scan, request: { ...scan.request, targets }, plan: { ...scan.plan, addresses } };
      await here.store.createScan(wide);
      expect(await here.store.readScan(scan.id)).toEqual(wide);
    });

    it('forgets what is older than its retention, also before DynamoDB gets round to deleting it', async () => {
      const here = await bench();
      const scan = sampleScan();
      await here.store.createScan(scan);
      here.clock.advance(millis(DAY * RETENTION_DAYS - 1_000));
      expect(await here.store.readScan(scan.id)).toEqual(scan);
      here.clock.advance(millis(1_000));
      expect(await here.store.readScan(scan.id)).toBeUndefined();
      expect((await here.store.listScans({ limit: 9 })).items).toEqual([]);
    });

    it('tells the sweeper of every scan that may not be over, and of no other', async () => {
      const here = await bench();
      const scans = [sampleScan(), sampleScan({ status: 'running' }), sampleScan({ status: 'running' })];
      for (const scan of scans) await here.store.createScan(scan);
      const active = async (): Promise<string[]> => {
        const ids: string[] = [];
        for await (const id of activeScans(here.table)) ids.push(id);
        return ids.sort();
      };
      expect(await active()).toEqual(scans.map(({ id }) => id).sort());
      const [planned, first, second] = scans.map(({ id }) => id);
      if (!planned || !first || !second) return expect.unreachable();
      await here.store.changeStatus(first, 'running', 'cancelled', here.clock.wall());
      expect(await active()).toEqual([planned, second].sort());
      await forgetActive(here.table, second);
      expect(await active()).toEqual([planned]);
    });

    it('adds up what workers have used, by neighbouring chunks, and forgets it with the scan', async () => {
      const { clock, table, store } = await bench();
      const usage = makeUsageStore(table, makeRetention(RETENTION_DAYS, clock));
      const scan = sampleScan({ chunks: 1_000, status: 'running' });
      await store.createScan(scan);
      const one = { deliveries: 1, ended: 0, millis: 24_000.4, writeUnits: 25 };
      await usage.add(scan.id, chunkNumber(3), one);
      await usage.add(scan.id, chunkNumber(3), { ...one, ended: 1 });
      await usage.add(scan.id, chunkNumber(700), { ...one, writeUnits: 2.5 });
      const first = { deliveries: 2, ended: 1, millis: 48_000, writeUnits: 50 };
      expect(await usage.over(scan.id, { first: 0, end: 1 })).toEqual(first);
      expect(await usage.over(scan.id, { first: 256, end: 300 })).toEqual(NO_USAGE);
      expect(await usage.over(scan.id, { first: 5, end: 5 })).toEqual(NO_USAGE);
      const all = { deliveries: 3, ended: 1, millis: 72_000, writeUnits: 52.5 };
      expect(await usage.over(scan.id, { first: 0, end: 1_000 })).toEqual(all);
      expect(await countActive(table)).toBe(1);
      await store.deleteScan(scan.id);
      expect(await usage.over(scan.id, { first: 0, end: 1_000 })).toEqual(NO_USAGE);
    });

    it('reads a scan by partitions as it reads it chunk by chunk', async () => {
      const here = await bench();
      const scan = sampleScan({ chunks: 100, status: 'finalizing' });
      const random = seededRandom(11);
      const numbers = Array.from({ length: 100 }, (_, at) => chunkNumber(at));
      for (const chunk of numbers) {
        if (random() < 0.2) continue;
        await here.store.putCoverage(scan.id, { chunk, runs: [[chunk + 1, 'closed/conn-refused']], tally: NO_PROBES });
        if (random() < 0.3) await here.store.putFindings(scan.id, chunk, [sampleFinding(chunk + 1)]);
      }
      const reads = makePartitionReads(here.table);
      for (const _ of ['once', 'and again']) {
        for (const chunk of numbers) {
          expect(await reads.readCoverage(scan.id, chunk)).toEqual(await here.store.readCoverage(scan.id, chunk));
          expect(await reads.readFindings(scan.id, chunk)).toEqual(await here.store.readFindings(scan.id, chunk));
        }
      }
    });

    it('holds a role to its quota, and to its keys, whatever the session is called', async () => {
      const here = await bench();
      const callers = makeDynamoCallerStore(here.table, makeRetention(1, here.clock));
      const session = (name: string) => `arn:aws:sts::111122223333:assumed-role/Scanner/${name}`;
      const quota = { probesPerDay: 100, scansAtOnce: null };
      const reserve = (caller: string) =>
        callers.reserve({ caller, scan: freshScanId(), probes: 60, at: here.clock.wall(), quota });
      expect(await reserve(session('monday'))).toEqual({ kind: 'granted' });
      expect(await reserve(session('another'))).toMatchObject({ kind: 'day-spent', used: 60 });
      expect(await reserve('arn:aws:sts::111122223333:assumed-role/Other/monday')).toEqual({ kind: 'granted' });
      expect(await reserve('arn:aws:iam::111122223333:user/alice')).toEqual({ kind: 'granted' });
      const use = { scan: freshScanId(), fingerprint: 'f' };
      await callers.claimKey({ caller: session('monday'), key: 'once' }, use, here.clock.wall());
      expect(await callers.readKey({ caller: session('another'), key: 'once' }, here.clock.wall())).toEqual(use);
    });

    it('holds a caller to the worker time of a day, beside its probes', async () => {
      const { clock, table } = await bench();
      const callers = makeDynamoCallerStore(table, makeRetention(RETENTION_DAYS, clock));
      const quota = { probesPerDay: 1_000, secondsPerDay: 3_600, scansAtOnce: null };
      const reserve = (probes: number, seconds: number) =>
        callers.reserve({ caller: 'alice', scan: freshScanId(), probes, seconds, at: clock.wall(), quota });
      expect(await reserve(10, 3_000)).toEqual({ kind: 'granted' });
      expect(await reserve(10, 601)).toEqual({ kind: 'day-spent', of: 'seconds', used: 3_000 });
      expect(await reserve(991, 1)).toEqual({ kind: 'day-spent', used: 10 });
      expect(await reserve(10, 600)).toEqual({ kind: 'granted' });
    });

    it('leaves what a newer version wrote, and its messages, to that version: an upgrade, and its rolling back', async () => {
      const { clock, table, store } = await bench();
      const scan = sampleScan({ chunks: 2, status: 'running' });
      await store.createScan(scan);
      const kept = keepWords();
      const visible: number[] = [];
      const handler = makeWorker({
        ...kept,
        store,
        clock: systemClock,
        queue: { sendAgain: async () => {}, hide: async (_, visibility) => void visible.push(visibility) },
        prober: { tcp: () => expect.unreachable(), udp: () => expect.unreachable() } as never,
        connector: {} as never,
        policy: { ...LOCAL_POLICY, scope: { ranges: [], names: [] } },
        sockets: 10,
        egress: LAMBDA_EGRESS,
        random: () => 0,
        usage: makeUsageStore(table, makeRetention(RETENTION_DAYS, clock)),
        writeUnits: table.writeUnits,
        startMillis: 0,
      });
      const deliver = (chunk: number) =>
        handler(sqsEvent(sqsRecord({ scanId: scan.id, chunk }, 2)), contextWith(30_000));
      const setLayout = (layout: number) =>
        table.update(scanKey(scan.id), {
          expression: 'SET layout = :layout, writtenBy = :by',
          values: { ':layout': layout, ':by': '9.0.0' },
        });

      // The newer version has been there and written the plan; this one is deployed again while chunks are in flight.
      await setLayout(2);
      expect((await deliver(0)).batchItemFailures).toHaveLength(1);
      expect(kept.events[0]?.fields['detail']).toContain('was written by Portfleet 9.0.0; this is');
      await expect(store.readScan(scan.id)).rejects.toMatchObject({ errors: [{ code: 'WRITTEN_BY_NEWER' }] });
      expect((await store.listScans({ limit: 10 })).items).toEqual([]);
      // Nothing was counted against the chunk: the newer version finds it as it left it.
      expect(await store.readCoverage(scan.id, chunkNumber(0))).toBeUndefined();

      // What an older version wrote has neither attribute, nor has its message what is new in them.
      await table.update(scanKey(scan.id), { expression: 'REMOVE layout, writtenBy' });
      expect(await deliver(0)).toEqual({ batchItemFailures: [] });
      expect(await deliver(1)).toEqual({ batchItemFailures: [] });
      expect((await store.readScan(scan.id))?.status).toBe('finalizing');
    });

    it('says that it is not there, instead of throwing what the SDK throws', async () => {
      const { client, clock } = await bench();
      const store = makeDynamoScanStore(makeTable(client, 'no-such-table'), makeRetention(1, clock), clock);
      const unavailable = {
        errors: [{ code: 'STORE_UNAVAILABLE', detail: expect.stringContaining('ResourceNotFound') }],
      };
      await expect(store.readScan(freshScanId())).rejects.toMatchObject(unavailable);
      await expect(store.listScans({ limit: 1 })).rejects.toMatchObject(unavailable);
      await expect(store.createScan(sampleScan())).rejects.toMatchObject(unavailable);
    });
  });
}
