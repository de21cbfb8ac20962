import { describe, expect, it } from 'vitest';
import type { LocalNode } from '../../local/local-node.ts';
import { scanOf, scanSchema } from '../../shared/api/resources/scan-resource.ts';
import { type ChunkCoverage, NO_PROBES, type Run } from '../../shared/domain/coverage.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, epochMillis } from '../../shared/domain/units.ts';
import { FORMATS, type FormatName, formatReport } from '../../shared/report/formats/format.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { readReport } from '../../shared/usecases/read-report.ts';
import { type ApiUnderTest, startApi } from '../helpers/http-api.ts';
import { freshScanId, sampleFinding, sampleScan, sampleSummary } from '../helpers/sample-scan.ts';

const OVER = { status: 'complete', finishedAt: epochMillis(1_795_348_802_000), summary: sampleSummary() } as const;

const coverage = (chunk: number, ...runs: Run[]): ChunkCoverage => ({
  chunk: chunkNumber(chunk),
  runs,
  tally: NO_PROBES,
});

async function keep(api: ApiUnderTest, scan: Scan): Promise<Scan> {
  await api.node.store.createScan(scan);
  return scan;
}

/** Four chunks of one address, of which two are done; three open ports. */
async function halfDone(api: ApiUnderTest, more: Partial<Scan> = {}): Promise<Scan> {
  const scan = await keep(api, sampleScan({ chunks: 4, status: 'running', ...more }));
  const { store } = api.node;
  await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(22), sampleFinding(80)]);
  await store.putCoverage(
    scan.id,
    coverage(
      0,
      [21, 'closed/conn-refused'],
      [1, 'open/syn-ack'],
      [57, 'closed/conn-refused'],
      [1, 'open/syn-ack'],
      [16_304, 'filtered/no-response'],
    ),
  );
  await store.putFindings(scan.id, chunkNumber(2), [sampleFinding(40_000)]);
  await store.putCoverage(scan.id, coverage(2, [16_384, 'closed/conn-refused']));
  return scan;
}

describe('GET /scans', () => {
  interface List {
    readonly items: readonly {
      readonly scanId: string;
      readonly targets: readonly string[];
      readonly moreTargets: number;
    }[];
    readonly cursor: string | null;
  }

  it('gives every scan once, newest first, page by page', async () => {
    const api = await startApi();
    const scans = Array.from({ length: 7 }, () => sampleScan());
    for (const scan of scans) await keep(api, scan);
    const seen: string[] = [];
    let query = 'limit=3';
    for (let page = 0; page < 3; page++) {
      const { items, cursor } = (await api.ask('GET', `/scans?${query}`)).json<List>();
      seen.push(...items.map(({ scanId }) => scanId));
      expect(cursor === null).toBe(page === 2);
      query = `limit=3&cursor=${cursor}`;
    }
    expect(seen).toEqual(scans.map(({ id }) => id).reverse());
  });

  it('finds scans by the beginning of their id, in either case', async () => {
    const api = await startApi();
    const { id } = await keep(api, sampleScan());
    const list = (await api.ask('GET', `/scans?prefix=${id.slice(0, 25).toLowerCase()}`)).json<List>();
    expect(list.items.map(({ scanId }) => scanId)).toContain(id);
    expect((await api.ask('GET', '/scans?prefix=7ZZ')).json<List>().items).toEqual([]);
  });

  it('stays small whatever a request was like', async () => {
    const api = await startApi();
    const targets = Array.from({ length: 5_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    await keep(api, sampleScan({ request: { targets, exclude: [], ports: '-' } }));
    const answer = await api.ask('GET', '/scans');
    expect(answer.text.length).toBeLessThan(2_000);
    expect(answer.json<List>().items[0]).toMatchObject({ targets: targets.slice(0, 8), moreTargets: 4_992 });
  });

  it('refuses a page that cannot be asked for', async () => {
    const api = await startApi();
    for (const query of ['limit=0', 'limit=101', 'limit=1e2', 'limit=', 'limit=2&limit=3', 'prefix=U', 'cursor=']) {
      const answer = await api.ask('GET', `/scans?${query}`);
      expect([answer.status, answer.codes()], query).toEqual([400, ['FIELD_UNREADABLE']]);
    }
    expect((await api.ask('GET', '/scans?colour=red&page=2')).codes()).toEqual(['FIELD_UNKNOWN', 'FIELD_UNKNOWN']);
  });
});

describe('GET /scans/{id}', () => {
  it('gives a scan to the last field, so that a client has what the store has', async () => {
    const api = await startApi();
    const submittedBy = { caller: 'arn:aws:iam::111122223333:user/alice', sourceAddress: '192.0.2.7' };
    for (const scan of [sampleScan({ ...OVER, submittedBy }), sampleScan({ chunks: 3 })]) {
      await keep(api, scan);
      const resource = scanSchema.parse((await api.ask('GET', `/scans/${scan.id}`)).json());
      expect(scanOf(resource)).toEqual(scan);
    }
  });

  it('counts what is known while a scan runs', async () => {
    const api = await startApi();
    const scan = await halfDone(api);
    const { done, probes, summary } = scanSchema.parse((await api.ask('GET', `/scans/${scan.id}`)).json());
    expect([done, probes]).toEqual([32_768, 65_535]);
    expect(summary?.settled).toEqual({
      'open/syn-ack': 3,
      'closed/conn-refused': 16_461,
      'filtered/no-response': 16_304,
    });
    expect(summary?.pending).toBe(32_767);
  });

  it('answers for a scan of 65,535 chunks with a bounded number of reads, and counts the chunks that have ended', async () => {
    let reads = 0;
    const api = await startApi({
      node: (node) => {
        const get = (store: LocalNode['store'], name: keyof LocalNode['store']) => {
          reads += 1;
          return store[name];
        };
        return { ...node, store: new Proxy(node.store, { get }) };
      },
    });
    const scan = await keep(api, sampleScan({ chunks: 65_535, status: 'running' }));
    for (let chunk = 0; chunk < 700; chunk++) {
      await completeChunk({ store: api.node.store, clock: api.clock }, scan, chunkNumber(chunk), 'settled');
    }
    reads = 0;
    const { done, summary } = scanSchema.parse((await api.ask('GET', `/scans/${scan.id}`)).json());
    expect([done, summary]).toEqual([700, null]);
    expect(reads).toBeLessThan(40);
  });

  it('knows no scan of another id, whole or not, well spelt or not', async () => {
    const api = await startApi();
    const { id } = await keep(api, sampleScan());
    for (const text of [freshScanId(), id.slice(0, 20), 'nonsense', '%00', `${id}x`]) {
      const answer = await api.ask('GET', `/scans/${text}`);
      expect([answer.status, answer.codes()], text).toEqual([404, ['SCAN_NOT_FOUND']]);
    }
    expect((await api.ask('GET', `/scans/${id.toLowerCase()}`)).status).toBe(200);
  });
});

describe('GET /scans/{id}/report', () => {
  const written = async (api: ApiUnderTest, scan: Scan, format: FormatName, openOnly = false): Promise<string> => {
    const report = await readReport({ store: api.node.store, clock: api.clock }, await api.stored(scan.id));
    const args = `portfleet serve: GET /scans/${scan.id}/report`;
    const options = { openOnly, timeZone: 'UTC', args, version: '1.2.3', now: api.clock.wall() };
    let text = '';
    for await (const piece of formatReport(format, report, options)) text += piece;
    return text;
  };

  it.each(Object.keys(FORMATS) as FormatName[])('writes %s as the command does', async (format) => {
    const api = await startApi();
    const scan = await halfDone(api);
    const answer = await api.ask('GET', `/scans/${scan.id}/report?format=${format}`);
    expect(answer.headers.get('content-type')).toBe(FORMATS[format].mediaType);
    expect(answer.headers.get('content-disposition')).toContain(`${scan.id}${FORMATS[format].extension}`);
    expect(answer.text).toBe(await written(api, scan, format));
    expect((await api.ask('GET', `/scans/${scan.id}/report?format=${format}&open=true`)).text).toBe(
      await written(api, scan, format, true),
    );
  });

  it.each([
    ['*/*', 'json'],
    ['', 'json'],
    ['text/csv', 'csv'],
    ['application/xml, text/csv;q=0.9', 'xml'],
    ['application/xml;q=0.5, text/csv;q=0.9, */*;q=0.1', 'csv'],
    ['text/*', 'text'],
    ['text/*;q=0.2, application/x-ndjson;q=0.3', 'jsonl'],
    ['application/json;q=0, text/plain;q=0, */*', 'jsonl'],
    ['TEXT/Markdown', 'markdown'],
  ] as const)('takes "Accept: %s" for %s', async (accept, format) => {
    const api = await startApi();
    const scan = await halfDone(api);
    const answer = await api.ask('GET', `/scans/${scan.id}/report`, { headers: { accept } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, FORMATS[format].mediaType]);
  });

  it('says which formats there are when none will do', async () => {
    const api = await startApi();
    const scan = await halfDone(api);
    const picture = await api.ask('GET', `/scans/${scan.id}/report`, { headers: { accept: 'image/png' } });
    expect([picture.status, picture.codes()]).toEqual([406, ['FORMAT_NOT_ACCEPTABLE']]);
    const unknown = await api.ask('GET', `/scans/${scan.id}/report?format=pdf&timeZone=Mars/Base`);
    expect([unknown.status, unknown.codes()]).toEqual([400, ['FIELD_UNREADABLE', 'FIELD_UNREADABLE']]);
    expect((await api.ask('GET', `/scans/${scan.id}/report?format=pdf`)).text).toContain('greppable');
  });

  it('shows times in the zone that is asked for', async () => {
    const api = await startApi();
    const scan = await halfDone(api);
    const answer = await api.ask('GET', `/scans/${scan.id}/report?format=text&timeZone=Asia/Tokyo`);
    expect(answer.text).toContain('GMT+9');
  });
});

describe('GET /scans/{id}/diff', () => {
  const pair = async (api: ApiUnderTest) => {
    const before = await halfDone(api);
    const after = await halfDone(api);
    await api.node.store.putFindings(after.id, chunkNumber(0), [sampleFinding(443)]);
    return [before, after] as const;
  };

  it('tells what is different since the earlier scan', async () => {
    const api = await startApi();
    const [before, after] = await pair(api);
    const answer = await api.ask('GET', `/scans/${after.id}/diff?from=${before.id}&format=text`);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('443/tcp');
    const json = await api.ask('GET', `/scans/${after.id}/diff?from=${before.id}`);
    expect(json.headers.get('content-type')).toBe('application/json');
    expect(JSON.stringify(json.json())).toContain('443');
  });

  it('needs both scans', async () => {
    const api = await startApi();
    const [before, after] = await pair(api);
    expect((await api.ask('GET', `/scans/${after.id}/diff`)).codes()).toEqual(['FIELD_UNREADABLE']);
    const gone = freshScanId();
    expect((await api.ask('GET', `/scans/${gone}/diff?from=${freshScanId()}`)).codes()).toHaveLength(2);
    expect((await api.ask('GET', `/scans/${gone}/diff?from=${before.id}`)).status).toBe(404);
  });
});

describe('POST /scans/{id}/cancel and DELETE /scans/{id}', () => {
  it('cancels a scan once', async () => {
    const api = await startApi();
    const scan = await keep(api, sampleScan({ status: 'running' }));
    const first = await api.ask('POST', `/scans/${scan.id}/cancel`);
    expect([first.status, first.json()['status']]).toEqual([200, 'cancelled']);
    const second = await api.ask('POST', `/scans/${scan.id}/cancel`);
    expect([second.status, second.codes()]).toEqual([409, ['SCAN_OVER']]);
    expect((await api.ask('POST', `/scans/${freshScanId()}/cancel`)).status).toBe(404);
  });

  it('deletes only a scan that is over, with all that it found', async () => {
    const api = await startApi();
    const scan = await halfDone(api);
    const early = await api.ask('DELETE', `/scans/${scan.id}`);
    expect([early.status, early.codes()]).toEqual([409, ['SCAN_NOT_OVER']]);
    await api.ask('POST', `/scans/${scan.id}/cancel`);
    expect((await api.ask('DELETE', `/scans/${scan.id}`)).status).toBe(204);
    expect((await api.ask('DELETE', `/scans/${scan.id}`)).status).toBe(404);
    expect(await api.node.store.readFindings(scan.id, chunkNumber(0))).toEqual([]);
  });
});

describe('The API', () => {
  it('says that it is well only when its store answers', async () => {
    const healthy = await startApi();
    expect((await healthy.ask('GET', '/health')).json()).toEqual({ status: 'ok', version: '1.2.3' });
    const listScans = async () => {
      throw new PortfleetError([errorValue('STORE_UNAVAILABLE', 'The disk is gone.')]);
    };
    const ill = await startApi({ node: (node) => ({ ...node, store: { ...node.store, listScans } }) });
    const answer = await ill.ask('GET', '/health');
    expect([answer.status, answer.codes()]).toEqual([503, ['STORE_UNAVAILABLE']]);
  });

  it('tells apart what does not exist and what cannot be done', async () => {
    const api = await startApi();
    const nothing = await api.ask('GET', '/scan');
    expect([nothing.status, nothing.codes()]).toEqual([404, ['ROUTE_UNKNOWN']]);
    const never = await api.ask('PUT', '/scans');
    expect([never.status, never.codes(), never.headers.get('allow')]).toEqual([
      405,
      ['METHOD_UNSUPPORTED'],
      'POST, GET',
    ]);
    expect((await api.ask('DELETE', '/openapi.json')).headers.get('allow')).toBe('GET');
  });

  it('tells the caller nothing of what went wrong inside, and the log what it was', async () => {
    const secret = 'the password is hunter2';
    const failing = async () => {
      throw new Error(secret);
    };
    const api = await startApi({
      node: (node) => ({ ...node, store: { ...node.store, readScan: failing } }),
    });
    const answer = await api.ask('GET', `/scans/${freshScanId()}`);
    expect([answer.status, answer.codes()]).toEqual([500, ['UNEXPECTED']]);
    expect(answer.text).not.toContain(secret);
    expect(JSON.stringify(api.logged)).toContain(secret);
  });

  it('lets no answer be kept by a cache, nor be taken for another type', async () => {
    const api = await startApi();
    for (const path of ['/scans', '/health', '/nothing']) {
      const { headers } = await api.ask('GET', path);
      expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
    }
  });

  it('logs each request without what it says', async () => {
    const api = await startApi();
    await api.ask('POST', '/scans', { body: { targets: ['127.0.0.1'], ports: '1' } });
    const line = api.logged.find(({ fields }) => fields?.['method'] === 'POST');
    expect(line).toMatchObject({ event: 'answered', fields: { path: '/scans', status: 202 } });
    expect(JSON.stringify(api.logged)).not.toContain('127.0.0.1');
  });
});
