import { describe, expect, it, onTestFinished } from 'vitest';
import { type ChunkCoverage, NO_ASKS, type Run } from '../../shared/domain/coverage.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import type { ScanStatus } from '../../shared/domain/scan-status.ts';
import { type Address, chunkNumber, epochMillis, millis } from '../../shared/domain/units.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { freshScanId, sampleFinding, sampleScan, sampleSummary } from '../helpers/sample-scan.ts';

/** A store of its own for one test; what it needs beside the store, it takes down itself. */
export type MakeStore = () => Promise<ScanStore>;

const LATER = epochMillis(1_795_348_999_999);

/** What every store of scans must do, whatever it is built on. */
export function scanStoreContract(name: string, makeStore: MakeStore): void {
  const emptyStore = async (): Promise<ScanStore> => {
    const store = await makeStore();
    onTestFinished(() => store.close());
    return store;
  };
  const storeWith = async (scan: Scan): Promise<ScanStore> => {
    const store = await emptyStore();
    await store.createScan(scan);
    return store;
  };

  describe(`${name} keeps scans`, () => scanRecords(emptyStore, storeWith));
  describe(`${name} lists scans`, () => scanLists(emptyStore));
  describe(`${name} moves scans on`, () => statusMoves(storeWith));
  describe(`${name} keeps findings`, () => findings(storeWith));
  describe(`${name} keeps coverage`, () => coverageRecords(storeWith));
  describe(`${name} keeps the completion tree`, () => treeNodes(storeWith));
  describe(`${name} deletes scans`, () => deletion(emptyStore));
}

type StoreWith = (scan: Scan) => Promise<ScanStore>;

function scanRecords(emptyStore: MakeStore, storeWith: StoreWith): void {
  it('gives back what was put in, to the last field', async () => {
    const scan = sampleScan({ chunks: 3 });
    const store = await storeWith(scan);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('knows no scan it was never given', async () => {
    const store = await storeWith(sampleScan());
    expect(await store.readScan(freshScanId())).toBeUndefined();
  });

  it('refuses a second scan of the same id and keeps the first', async () => {
    const scan = sampleScan({ chunks: 3 });
    const store = await storeWith(scan);
    expect(await store.createScan({ ...scan, status: 'running', plan: sampleScan({ chunks: 9 }).plan })).toBe(false);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('lets one of many concurrent creators win', async () => {
    const store = await emptyStore();
    const scan = sampleScan();
    const created = await Promise.all(Array.from({ length: 20 }, () => store.createScan(scan)));
    expect(created.filter(Boolean)).toHaveLength(1);
  });
}

function scanLists(emptyStore: MakeStore): void {
  const storeOf = async (count: number): Promise<{ store: ScanStore; newestFirst: string[] }> => {
    const store = await emptyStore();
    const scans = Array.from({ length: count }, () => sampleScan());
    // Stored in another order than they were submitted in.
    for (const scan of [...scans.slice(1), ...scans.slice(0, 1)]) await store.createScan(scan);
    return { store, newestFirst: scans.map(({ id }) => id).reverse() };
  };
  const ids = (items: readonly Scan[]): string[] => items.map(({ id }) => id);

  it('newest first', async () => {
    const { store, newestFirst } = await storeOf(5);
    const page = await store.listScans({ limit: 10 });
    expect(ids(page.items)).toEqual(newestFirst);
    expect(page.cursor).toBeNull();
  });

  it('whole, as they are stored', async () => {
    const store = await emptyStore();
    const scan = sampleScan({ chunks: 4 });
    await store.createScan(scan);
    expect((await store.listScans({ limit: 1 })).items).toEqual([scan]);
  });

  it('page by page, each once, though new ones come in between', async () => {
    const { store, newestFirst } = await storeOf(7);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ScanStore['listScans']>> = await store.listScans({
        limit: 3,
        ...(cursor !== null && { cursor }),
      });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...ids(page.items));
      cursor = page.cursor;
      await store.createScan(sampleScan());
    } while (cursor !== null);
    expect(seen).toEqual(newestFirst);
  });

  it('with no cursor behind the last page, even a full one', async () => {
    const { store } = await storeOf(6);
    const first = await store.listScans({ limit: 3 });
    const second = await store.listScans({ limit: 3, cursor: first.cursor ?? '' });
    expect(second.items).toHaveLength(3);
    expect(second.cursor).toBeNull();
  });

  it('by the beginning of their ids', async () => {
    const store = await emptyStore();
    const withId = (id: string): Scan => sampleScan({ id: id as Scan['id'] });
    await store.createScan(withId('01ARZ3NDEKTSV4RRFFQ69G5FAV'));
    await store.createScan(withId('01ARZ3NDEKTSV4RRFFQ69G5FZZ'));
    await store.createScan(withId('01ARZ3NDEMTSV4RRFFQ69G5FAV'));
    expect(ids((await store.listScans({ limit: 9, prefix: '01ARZ3NDEK' })).items)).toEqual([
      '01ARZ3NDEKTSV4RRFFQ69G5FZZ',
      '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    ]);
    expect((await store.listScans({ limit: 9, prefix: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })).items).toHaveLength(1);
    expect((await store.listScans({ limit: 9, prefix: '01B' })).items).toEqual([]);
    const first = await store.listScans({ limit: 1, prefix: '01ARZ3NDEK' });
    expect(ids((await store.listScans({ limit: 1, prefix: '01ARZ3NDEK', cursor: first.cursor ?? '' })).items)).toEqual([
      '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    ]);
  });

  it('as an empty page where there are none', async () => {
    const store = await emptyStore();
    expect(await store.listScans({ limit: 5 })).toEqual({ items: [], cursor: null });
  });
}

function statusMoves(storeWith: StoreWith): void {
  it('for one of many concurrent callers', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    const moved = await Promise.all(
      Array.from({ length: 20 }, () => store.changeStatus(scan.id, 'running', 'finalizing', LATER)),
    );
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect((await store.readScan(scan.id))?.status).toBe('finalizing');
  });

  it('to one of two ends that are asked for at once', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    const [cancelled, finalizing] = await Promise.all([
      store.changeStatus(scan.id, 'running', 'cancelled', LATER),
      store.changeStatus(scan.id, 'running', 'finalizing', LATER),
    ]);
    expect([cancelled, finalizing].filter(Boolean)).toHaveLength(1);
    expect((await store.readScan(scan.id))?.status).toBe(cancelled ? 'cancelled' : 'finalizing');
  });

  it('only from where they are', async () => {
    const scan = sampleScan({ status: 'planned' });
    const store = await storeWith(scan);
    expect(await store.changeStatus(scan.id, 'running', 'finalizing', LATER)).toBe(false);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('not, where there is no such scan', async () => {
    const store = await storeWith(sampleScan());
    expect(await store.changeStatus(freshScanId(), 'planned', 'running', LATER)).toBe(false);
    expect(await store.finishScan(freshScanId(), 'complete', sampleSummary(), LATER)).toBe(false);
  });

  const notDrawn: [ScanStatus, ScanStatus][] = [
    ['planned', 'finalizing'],
    ['planned', 'complete'],
    ['running', 'planned'],
    ['running', 'complete'],
    ['running', 'running'],
    ['finalizing', 'running'],
    ['finalizing', 'cancelled'],
    ['complete', 'running'],
    ['cancelled', 'running'],
    ['failed', 'planned'],
  ];
  it.each(notDrawn)('never from %s to %s, which the picture does not have', async (from, to) => {
    const scan = sampleScan({ status: from });
    const store = await storeWith(scan);
    await expect(store.changeStatus(scan.id, from, to, LATER)).rejects.toThrow(`from ${from} to ${to}`);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });

  it('and writes down when one is over, but not before', async () => {
    const scan = sampleScan({ status: 'planned' });
    const store = await storeWith(scan);
    await store.changeStatus(scan.id, 'planned', 'running', LATER);
    expect(await store.readScan(scan.id)).toEqual({ ...scan, status: 'running' });
    await store.changeStatus(scan.id, 'running', 'cancelled', LATER);
    expect(await store.readScan(scan.id)).toEqual({ ...scan, status: 'cancelled', finishedAt: LATER });
  });

  it('to their end with the summary, once', async () => {
    const scan = sampleScan({ status: 'finalizing' });
    const store = await storeWith(scan);
    const summary = sampleSummary({ unprobed: { 'unprobed/deadline': 3 } });
    expect(await store.finishScan(scan.id, 'complete-with-gaps', summary, LATER)).toBe(true);
    expect(await store.finishScan(scan.id, 'complete', sampleSummary(), epochMillis(LATER + 1))).toBe(false);
    expect(await store.readScan(scan.id)).toEqual({
      ...scan,
      status: 'complete-with-gaps',
      summary,
      finishedAt: LATER,
    });
  });

  it('to their end from finalizing only', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    expect(await store.finishScan(scan.id, 'complete', sampleSummary(), LATER)).toBe(false);
    expect(await store.readScan(scan.id)).toEqual(scan);
  });
}

/** What the second pass adds to a finding, with all there can be. */
const SSH_THAT_ANSWERED: Partial<Finding> = {
  service: {
    name: 'ssh',
    method: 'probed',
    product: 'OpenSSH',
    version: '9.2p1',
    info: 'protocol 2.0',
    confidence: 10,
  },
  banner: 'SSH-2.0-OpenSSH_9.2p1\r\n\0\xff',
  tls: {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    alpn: null,
    serverName: 'host.example',
    startTls: null,
    certificate: {
      subject: 'CN=host.example',
      issuer: 'CN=Example CA',
      names: ['host.example'],
      validFrom: epochMillis(1_790_000_000_000),
      validTo: epochMillis(1_800_000_000_000),
      selfSigned: false,
      key: 'EC prime256v1',
      serial: '01',
      fingerprint: 'AB:CD',
    },
  },
};

function findings(storeWith: StoreWith): void {
  const byPort = <Item extends { readonly port: number }>(items: readonly Item[]): Item[] =>
    [...items].sort((a, b) => a.port - b.port);

  it('by chunk, to the last field', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    const first = [sampleFinding(22, { service: { name: 'ssh', method: 'probed' }, attempt: 3 }), sampleFinding(80)];
    const second = [sampleFinding(443, { rtt: millis(1 / 3) })];
    await store.putFindings(scan.id, chunkNumber(0), first);
    await store.putFindings(scan.id, chunkNumber(1), second);
    expect(byPort(await store.readFindings(scan.id, chunkNumber(0)))).toEqual(first);
    expect(await store.readFindings(scan.id, chunkNumber(1))).toEqual(second);
  });

  it('of what was seen first, whoever says it again', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const early = sampleFinding(80, { rtt: millis(1) });
    const late = sampleFinding(80, { rtt: millis(2), seenAt: LATER });
    await store.putFindings(scan.id, chunkNumber(0), [early]);
    await store.putFindings(scan.id, chunkNumber(0), [late, sampleFinding(81)]);
    expect(byPort(await store.readFindings(scan.id, chunkNumber(0)))).toEqual([early, sampleFinding(81)]);
  });

  it('with what an asked port told of its service, added to the first sight of it', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const seen = sampleFinding(22, { rtt: millis(1) });
    const asked = sampleFinding(22, { ...SSH_THAT_ANSWERED, rtt: millis(2), seenAt: LATER });
    await store.putFindings(scan.id, chunkNumber(0), [seen]);
    await store.putFindings(scan.id, chunkNumber(0), [asked]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([{ ...seen, ...SSH_THAT_ANSWERED }]);
  });

  it('of which what was learnt first stays, whoever sees the port or asks it again', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const asked = sampleFinding(22, SSH_THAT_ANSWERED);
    await store.putFindings(scan.id, chunkNumber(0), [asked]);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(22), { ...asked, banner: 'another' }]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([asked]);
  });

  it('of ports that said as much as is kept, in every byte there is', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const banner = String.fromCharCode(...Array.from({ length: 4_096 }, (_, at) => at % 256));
    const all = Array.from({ length: 100 }, (_, at) => sampleFinding(at + 1, { banner }));
    await store.putFindings(scan.id, chunkNumber(0), all);
    expect(byPort(await store.readFindings(scan.id, chunkNumber(0)))).toEqual(all);
  });

  it('once, though one write names a port twice', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const early = sampleFinding(80, { rtt: millis(1) });
    await store.putFindings(scan.id, chunkNumber(0), [early, sampleFinding(80, { rtt: millis(2) })]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([early]);
  });

  it('apart by address and protocol', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const three = [
      sampleFinding(53),
      sampleFinding(53, { protocol: 'udp', reason: 'udp-response' }),
      sampleFinding(53, { address: '::1' as Address }),
    ];
    await store.putFindings(scan.id, chunkNumber(0), three);
    const stored = await store.readFindings(scan.id, chunkNumber(0));
    expect(stored).toHaveLength(3);
    expect(stored).toEqual(expect.arrayContaining(three));
  });

  it('many at once, from concurrent writers', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const all = Array.from({ length: 300 }, (_, at) => sampleFinding(at + 1));
    await Promise.all([0, 50, 100, 150].map((from) => store.putFindings(scan.id, chunkNumber(0), all.slice(from))));
    expect(byPort(await store.readFindings(scan.id, chunkNumber(0)))).toEqual(all);
  });

  it('of nothing as nothing', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    await store.putFindings(scan.id, chunkNumber(0), []);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([]);
  });

  it('of one scan apart from those of another', async () => {
    const [scan, other] = [sampleScan(), sampleScan()];
    const store = await storeWith(scan);
    await store.createScan(other);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(80)]);
    expect(await store.readFindings(other.id, chunkNumber(0))).toEqual([]);
  });
}

function coverageRecords(storeWith: StoreWith): void {
  const record = (runs: readonly Run[], chunk = 0): ChunkCoverage => ({
    chunk: chunkNumber(chunk),
    runs,
    tally: { ...NO_ASKS, asks: 12, smoothedRtt: millis(0.4) },
  });

  it('by chunk, to the last field', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    const first = record([
      [3, 'closed/conn-refused'],
      [2, 'pending'],
      [1, 'open/syn-ack'],
    ]);
    const second = record([[9, 'unprobed/no-descriptor']], 1);
    await store.putCoverage(scan.id, first);
    await store.putCoverage(scan.id, second);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(first);
    expect(await store.readCoverage(scan.id, chunkNumber(1))).toEqual(second);
  });

  it('and has none of a chunk that nobody wrote', async () => {
    const scan = sampleScan({ chunks: 2 });
    const store = await storeWith(scan);
    await store.putCoverage(scan.id, record([[4, 'pending']], 1));
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toBeUndefined();
  });

  it('that leaves less pending in place of one that leaves more', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const better = record([[4, 'closed/conn-refused']]);
    await store.putCoverage(
      scan.id,
      record([
        [1, 'closed/conn-refused'],
        [3, 'pending'],
      ]),
    );
    await store.putCoverage(scan.id, better);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(better);
  });

  it('against a record that leaves more pending, however late it comes', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const better = record([
      [3, 'filtered/no-response'],
      [1, 'pending'],
    ]);
    await store.putCoverage(scan.id, better);
    await store.putCoverage(
      scan.id,
      record([
        [2, 'open/syn-ack'],
        [2, 'pending'],
      ]),
    );
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(better);
  });

  it('of the later one of two that leave the same pending', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const later = record([[4, 'filtered/no-response']]);
    await store.putCoverage(scan.id, record([[4, 'unprobed/deadline']]));
    await store.putCoverage(scan.id, later);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(later);
  });

  it('that leaves least pending, whatever the order of concurrent writers', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const records = [5, 2, 9, 1, 7, 3].map((pending) =>
      record([
        [10 - pending, 'closed/conn-refused'],
        [pending, 'pending'],
      ]),
    );
    await Promise.all(records.map((each) => store.putCoverage(scan.id, each)));
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual(records[3]);
  });
}

function treeNodes(storeWith: StoreWith): void {
  const leaf = { level: 1, index: 0 };

  it('as empty nodes at first', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    expect(await store.readNode(scan.id, leaf)).toEqual({ done: new Set(), failed: new Set() });
  });

  it('and tells with each slot what the node holds now', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    expect(await store.addToNode(scan.id, leaf, 4, false)).toEqual({ done: new Set([4]), failed: new Set() });
    expect(await store.addToNode(scan.id, leaf, 0, true)).toEqual({ done: new Set([0, 4]), failed: new Set([0]) });
    expect(await store.readNode(scan.id, leaf)).toEqual({ done: new Set([0, 4]), failed: new Set([0]) });
  });

  it('unmoved by a repeat', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    await store.addToNode(scan.id, leaf, 4, false);
    expect(await store.addToNode(scan.id, leaf, 4, false)).toEqual({ done: new Set([4]), failed: new Set() });
    await store.addToNode(scan.id, leaf, 5, true);
    expect(await store.addToNode(scan.id, leaf, 5, true)).toEqual({ done: new Set([4, 5]), failed: new Set([5]) });
  });

  it('with a slot that had an answer as done, whether the failure came before it or after', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const answered = { done: new Set([1]), failed: new Set() };
    await store.addToNode(scan.id, leaf, 1, true);
    expect(await store.addToNode(scan.id, leaf, 1, false)).toEqual(answered);
    expect(await store.addToNode(scan.id, leaf, 1, true)).toEqual(answered);
  });

  it('node by node, level by level, scan by scan', async () => {
    const [scan, other] = [sampleScan(), sampleScan()];
    const store = await storeWith(scan);
    await store.createScan(other);
    await store.addToNode(scan.id, leaf, 1, false);
    await store.addToNode(scan.id, { level: 1, index: 1 }, 2, false);
    await store.addToNode(scan.id, { level: 2, index: 0 }, 3, false);
    expect((await store.readNode(scan.id, leaf)).done).toEqual(new Set([1]));
    expect((await store.readNode(scan.id, { level: 1, index: 1 })).done).toEqual(new Set([2]));
    expect((await store.readNode(scan.id, { level: 2, index: 0 })).done).toEqual(new Set([3]));
    expect((await store.readNode(other.id, leaf)).done).toEqual(new Set());
  });

  it('so that of concurrent writers at least the last one sees the node full', async () => {
    const scan = sampleScan();
    const store = await storeWith(scan);
    const slots = Array.from({ length: 256 }, (_, slot) => slot);
    const seen = await Promise.all(slots.map((slot) => store.addToNode(scan.id, leaf, slot, slot % 10 === 0)));
    expect(seen.some(({ done }) => done.size === 256)).toBe(true);
    for (const [slot, { done }] of seen.entries()) expect(done.has(slot)).toBe(true);
    const full = await store.readNode(scan.id, leaf);
    expect(full.done).toEqual(new Set(slots));
    expect(full.failed).toEqual(new Set(slots.filter((slot) => slot % 10 === 0)));
  });
}

function deletion(emptyStore: MakeStore): void {
  it('with everything of theirs, and nothing of the others', async () => {
    const [scan, other] = [sampleScan({ chunks: 2 }), sampleScan()];
    const store = await emptyStore();
    for (const each of [scan, other]) {
      await store.createScan(each);
      await store.putFindings(each.id, chunkNumber(0), [sampleFinding(80)]);
      await store.putCoverage(each.id, { chunk: chunkNumber(0), runs: [[1, 'open/syn-ack']], tally: NO_ASKS });
      await store.addToNode(each.id, { level: 1, index: 0 }, 0, false);
    }
    await store.deleteScan(scan.id);

    expect(await store.readScan(scan.id)).toBeUndefined();
    expect((await store.listScans({ limit: 9 })).items).toEqual([other]);
    expect(await store.readFindings(other.id, chunkNumber(0))).toHaveLength(1);
    // Under the same id again, nothing of the past comes back.
    expect(await store.createScan(scan)).toBe(true);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([]);
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toBeUndefined();
    expect((await store.readNode(scan.id, { level: 1, index: 0 })).done).toEqual(new Set());
  });

  it('that are not there without a word', async () => {
    const store = await emptyStore();
    await expect(store.deleteScan(freshScanId())).resolves.toBeUndefined();
  });
}
