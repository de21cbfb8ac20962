import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remoteHosts } from '../../../cli/remote/remote-hosts.ts';
import { portItemOf, portListSchema, portResource } from '../../../shared/api/resources/port-resource.ts';
import { addressIndex } from '../../../shared/domain/addresses/address-set.ts';
import type { HostReport } from '../../../shared/domain/report.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { chunkNumber } from '../../../shared/domain/units.ts';
import { PORT_STATES } from '../../../shared/domain/verdict.ts';
import { buildChunk } from '../../../shared/plan/split-chunks.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { hostReports } from '../../../shared/usecases/host-reports.ts';
import { type Listing, listPorts, type PortItem } from '../../../shared/usecases/list-ports.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleFinding, sampleScan } from '../../helpers/sample-scan.ts';
import { arbitraryCodes, arbitraryScan, storeOf } from '../../helpers/stored-scan.ts';

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const gathered: Item[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}

/** Page after page, as over the wire and back. */
async function everyPage(scan: Scan, store: ScanStore, limit: number, listings: ReadonlySet<Listing> | null) {
  const items: PortItem[] = [];
  let from = { chunk: 0, offset: 0 };
  for (;;) {
    const page = await listPorts(scan, store, { listings, from, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (!page.next) return items;
    from = page.next;
  }
}

const probesOf = (item: PortItem): number => (item.kind === 'finding' ? 1 : item.run.count);

describe('The ports of a scan, page by page', () => {
  it('are those of the report, whatever the size of the pages and the cut of the scan', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryScan, arbitraryCodes, fc.integer({ min: 1, max: 9 }), async (scan, codes, limit) => {
        const store = await storeOf(scan, codes);
        const readPage = async (cursor: string | null) => {
          const [chunk = 0, offset = 0] = (cursor ?? '0.0').split('.').map(Number);
          const wanted = { listings: null, from: { chunk, offset }, limit };
          const { items, next, reverseNames } = await listPorts(scan, store, wanted);
          const after = next && `${next.chunk}.${next.offset}`;
          const page = { items: items.map(portResource), reverseNames, cursor: after };
          return portListSchema.parse(JSON.parse(JSON.stringify(page)));
        };
        const [there, here]: HostReport[][] = [
          await all(remoteHosts(scan, readPage)),
          await all(hostReports(scan, store)),
        ];
        expect(there).toEqual(here);
      }),
    );
  });

  it('are each listed once, under their state', async () => {
    const listings: Listing[] = [...PORT_STATES, 'unprobed', 'pending'];
    await fc.assert(
      fc.asyncProperty(arbitraryScan, arbitraryCodes, fc.integer({ min: 1, max: 9 }), async (scan, codes, limit) => {
        const store = await storeOf(scan, codes);
        const everything = await everyPage(scan, store, 1_000, null);
        let probes = 0;
        for (const listing of listings) {
          const items = await everyPage(scan, store, limit, new Set([listing]));
          expect(items.every((item) => portResource(item).state === listing)).toBe(true);
          probes += items.reduce((sum, item) => sum + probesOf(item), 0);
        }
        expect(probes).toBe(scan.plan.geometry.addressCount * scan.plan.geometry.portCount);
        const two = await everyPage(scan, store, limit, new Set<Listing>(['open', 'closed']));
        expect(two).toEqual(everything.filter((item) => ['open', 'closed'].includes(portResource(item).state)));
      }),
    );
  });

  it('are read once each, though ports before the cursor are found open meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryScan, fc.integer({ min: 1, max: 5 }), fc.boolean(), async (scan, limit, openOnly) => {
        const store = makeMemoryScanStore();
        await store.createScan(scan);
        const { at } = addressIndex(scan.plan.addresses);
        const chunks = Array.from({ length: scan.plan.geometry.chunks }, (_, number) =>
          buildChunk(scan.plan, chunkNumber(number), at),
        );
        const later = chunks.flatMap(({ number, addresses, ports }) =>
          addresses.flatMap((address) =>
            [...ports].map((port) => ({ number, finding: sampleFinding(port.port, { ...port, address }) })),
          ),
        );
        const seen: string[] = [];
        let from = { chunk: 0, offset: 0 };
        for (;;) {
          // Every second port turns out to be open, one more for each page.
          const found = later.splice(0, 2)[0];
          if (found) await store.putFindings(scan.id, found.number, [found.finding]);
          const page = await listPorts(scan, store, { listings: openOnly ? new Set(['open']) : null, from, limit });
          for (const item of page.items) {
            const [address, first] =
              item.kind === 'run' ? [item.address, item.run] : [item.finding.address, item.finding];
            const number = 'first' in first ? first.first : first.port;
            seen.push(`${address} ${first.protocol}/${number}`);
          }
          if (!page.next) break;
          from = page.next;
        }
        expect(new Set(seen).size).toBe(seen.length);
      }),
    );
  });

  it('go through a bounded number of chunks for one page, though it stays empty', async () => {
    const scan = sampleScan({ chunks: 65_535, status: 'running' });
    const store = makeMemoryScanStore();
    await store.createScan(scan);
    let reads = 0;
    const counting: ScanStore = {
      ...store,
      readFindings: (id, chunk) => {
        reads += 1;
        return store.readFindings(id, chunk);
      },
    };
    const wanted = { listings: new Set<Listing>(['open']), limit: 10 };
    const page = await listPorts(scan, counting, { ...wanted, from: { chunk: 0, offset: 0 } });
    expect([page.items, page.next, reads]).toEqual([[], { chunk: 256, offset: 0 }, 256]);
    const last = await listPorts(scan, counting, { ...wanted, from: { chunk: 65_500, offset: 0 } });
    expect(last.next).toBeNull();
  });

  it('end a page early that is full of banners', async () => {
    const scan = sampleScan({ chunks: 1, status: 'running' });
    const store = makeMemoryScanStore();
    await store.createScan(scan);
    const banner = 'x'.repeat(200_000);
    const findings = [1, 2, 3, 4, 5].map((port) => sampleFinding(port, { banner }));
    await store.putFindings(scan.id, chunkNumber(0), findings);
    const listings = new Set<Listing>(['open']);
    const page = await listPorts(scan, store, { listings, from: { chunk: 0, offset: 0 }, limit: 1_000 });
    expect([page.items.length, page.next]).toEqual([3, { chunk: 0, offset: 3 }]);
    const rest = await listPorts(scan, store, { listings, from: { chunk: 0, offset: 3 }, limit: 1_000 });
    expect([rest.items.length, rest.next]).toEqual([2, null]);
  });

  it('come back from the wire as what was sent, to the last field', () => {
    const finding = sampleFinding(443, {
      banner: 'SSH-2.0-\u0000\u00ff\r\n',
      service: { name: 'https', method: 'probed', product: 'nginx', version: '1.2', info: 'title', confidence: 9 },
    });
    const item: PortItem = { kind: 'finding', finding };
    const sent: unknown = JSON.parse(JSON.stringify({ items: [portResource(item)], cursor: null }));
    expect(portListSchema.parse(sent).items.map(portItemOf)).toEqual([item]);
  });
});
