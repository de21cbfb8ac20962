import { describe, expect, it } from 'vitest';
import type { ChunkListResource } from '../../shared/api/resources/chunk-resource.ts';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import { chunkNumber, type PortNumber } from '../../shared/domain/units.ts';
import { startApi } from '../helpers/http-api.ts';
import { sampleFinding, sampleScan } from '../helpers/sample-scan.ts';

describe('GET /scans/{id}/chunks', () => {
  it('tells every probe of a chunk in runs, with its open ports, and what is still pending', async () => {
    const api = await startApi();
    const scan = sampleScan({ chunks: 4, status: 'running' });
    await api.node.store.createScan(scan);
    await api.node.store.putFindings(scan.id, chunkNumber(1), [sampleFinding(20_000)]);
    const runs = [[10_000, 'closed/conn-refused'] as const, [6_384, 'pending'] as const];
    await api.node.store.putCoverage(scan.id, { chunk: chunkNumber(1), runs, tally: NO_PROBES });
    const page = (await api.ask('GET', `/scans/${scan.id}/chunks?from=1&limit=1`)).json<ChunkListResource>();
    expect(page.next).toBe(2);
    expect(page.items).toMatchObject([
      {
        chunk: 1,
        pending: 6_384,
        runs: [
          [3_615, 'closed/conn-refused'],
          [1, 'open/syn-ack'],
          [6_384, 'closed/conn-refused'],
          [6_384, 'pending'],
        ],
        open: [{ address: '127.0.0.1', protocol: 'tcp', port: 20_000, state: 'open' }],
        openLeftOut: 0,
      },
    ]);
  });

  it('tells the names that DNS has for hosts with open ports, and of no others', async () => {
    const api = await startApi();
    const scan = sampleScan({ status: 'running' });
    await api.node.store.createScan(scan);
    await api.node.store.putFindings(scan.id, chunkNumber(0), [sampleFinding(80)]);
    const names = { '127.0.0.1': ['web.example', 'www.example'], '127.0.0.2': ['other.example'] };
    const runs = [[65_535, 'closed/conn-refused'] as const];
    await api.node.store.putCoverage(scan.id, { chunk: chunkNumber(0), runs, tally: NO_PROBES, names });
    const [chunk] = (await api.ask('GET', `/scans/${scan.id}/chunks`)).json<ChunkListResource>().items;
    expect(chunk?.reverseNames).toEqual({ '127.0.0.1': ['web.example', 'www.example'] });
  });

  it('gives every chunk once, page by page', async () => {
    const api = await startApi();
    const scan = sampleScan({ chunks: 5 });
    await api.node.store.createScan(scan);
    const seen: number[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: ChunkListResource = (await api.ask('GET', `/scans/${scan.id}/chunks?from=${from}&limit=2`)).json();
      seen.push(...page.items.map(({ chunk }) => chunk));
      from = page.next;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('stays bounded where every port is open: it counts the open ports that it leaves out', async () => {
    const api = await startApi();
    const scan = sampleScan({ status: 'running' });
    await api.node.store.createScan(scan);
    const findings = Array.from({ length: 3_000 }, (_, index) => sampleFinding((index + 1) as PortNumber));
    await api.node.store.putFindings(scan.id, chunkNumber(0), findings);
    const [chunk] = (await api.ask('GET', `/scans/${scan.id}/chunks`)).json<ChunkListResource>().items;
    expect([chunk?.open.length, chunk?.openLeftOut]).toEqual([2_000, 1_000]);
  });

  it('refuses pages that cannot be asked for', async () => {
    const api = await startApi();
    const scan = sampleScan();
    await api.node.store.createScan(scan);
    for (const query of ['from=-1', 'from=x', 'limit=0', 'limit=65']) {
      expect((await api.ask('GET', `/scans/${scan.id}/chunks?${query}`)).codes(), query).toEqual(['FIELD_UNREADABLE']);
    }
  });
});
