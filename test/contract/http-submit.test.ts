import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES } from '../../shared/domain/limits.ts';
import { millis } from '../../shared/domain/units.ts';
import { LOCAL_POLICY } from '../../shared/request/target-policy.ts';
import { type ApiUnderTest, startApi } from '../helpers/http-api.ts';
import { freshScanId } from '../helpers/sample-scan.ts';

interface Accepted {
  readonly scanId: string;
  readonly status: string;
  readonly probes: number;
  readonly chunks: number;
  readonly plan: { readonly geometry: { readonly addressCount: number } };
  readonly names: readonly unknown[];
  readonly estimate: { readonly milliseconds: { readonly atLeast: number; readonly ifSilent: number } };
}

interface Problem {
  readonly code: string;
  readonly status: number;
  readonly instance: string;
  readonly faults: readonly {
    readonly code: string;
    readonly mend: string;
    readonly at?: { readonly field: string; readonly text: string; readonly start: number; readonly end: number };
  }[];
}

const LOOPBACK = { targets: ['127.0.0.1'], ports: '1-1000' };

const storedScans = async ({ node }: ApiUnderTest) => (await node.store.listScans({ limit: 100 })).items;

describe('POST /scans', () => {
  it('accepts a scan at once, tells the plan and what it may take, and hands it to the runner', async () => {
    const api = await startApi();
    const answer = await api.ask('POST', '/scans', { body: { targets: ['two.test'], ports: '22,80' } });
    expect(answer.status).toBe(202);
    const accepted = answer.json<Accepted>();
    expect(answer.headers.get('location')).toBe(`/scans/${accepted.scanId}`);
    expect(accepted).toMatchObject({ status: 'planned', probes: 4, chunks: 2 });
    expect(accepted.plan.geometry.addressCount).toBe(2);
    expect(accepted.names).toEqual([{ name: 'two.test', addresses: ['127.0.0.1', '127.0.0.2'] }]);
    expect(accepted.estimate.milliseconds.ifSilent).toBeGreaterThan(accepted.estimate.milliseconds.atLeast);
    expect(api.enqueued).toEqual([accepted.scanId]);
  });

  it('keeps who submitted it, from where and when, with the scan', async () => {
    const api = await startApi();
    const { scanId } = (await api.ask('POST', '/scans', { body: LOOPBACK })).json<Accepted>();
    const scan = await api.stored(scanId);
    expect(scan.submittedBy).toEqual({ caller: 'local', sourceAddress: '127.0.0.1' });
    expect(scan.submittedAt).toBe(api.clock.wall());
    const shown = (await api.ask('GET', `/scans/${scanId}`)).json();
    expect(shown['submittedBy']).toEqual(scan.submittedBy);
  });

  it('keeps what the scan is called, and shows it', async () => {
    const api = await startApi();
    const { scanId } = (await api.ask('POST', '/scans?name=n%C3%A4chtlich', { body: LOOPBACK })).json<Accepted>();
    expect((await api.stored(scanId)).label).toBe('nächtlich');
    expect((await api.ask('GET', `/scans/${scanId}`)).json()['name']).toBe('nächtlich');
    expect((await api.ask('GET', '/scans')).text).toContain('"name":"nächtlich"');
    for (const name of ['', '%07', 'x'.repeat(65)]) {
      const refused = await api.ask('POST', `/scans?name=${name}`, { body: LOOPBACK });
      expect([refused.status, refused.codes()]).toEqual([400, ['FIELD_UNREADABLE']]);
    }
  });

  it('takes every field that the command has options for', async () => {
    const api = await startApi();
    const body = {
      targets: ['127.0.0.0/29', 'here.test'],
      exclude: ['127.0.0.3'],
      ports: '22,T:443,U:53,http',
      excludePorts: '443',
      protocols: ['tcp', 'udp'],
      timing: 'aggressive',
      timeout: '250ms',
      retries: 1,
      rate: 1500,
      sockets: '64',
      family: 4,
    };
    const { scanId } = (await api.ask('POST', '/scans', { body })).json<Accepted>();
    const { plan, request } = await api.stored(scanId);
    expect(plan.geometry.addressCount).toBe(7);
    expect(plan.timing).toMatchObject({ template: 'T4', maxRttTimeout: 250, maxAttempts: 2, ratePerTarget: 1_500 });
    expect(plan.socketsPerWorker).toBe(64);
    expect(request).toMatchObject({ targets: body.targets, exclude: body.exclude });
  });

  it('only plans on a dry run: nothing is stored, no quota is used', async () => {
    const api = await startApi({ quota: { probesPerDay: 1, scansAtOnce: 0 } });
    const answer = await api.ask('POST', '/scans?dryRun=true', { body: LOOPBACK });
    expect([answer.status, answer.json<Accepted>().scanId]).toEqual([200, null]);
    expect([await storedScans(api), api.enqueued]).toEqual([[], []]);
  });
});

describe('A request that cannot be carried out', () => {
  it('is told all its errors at once, of shape and of meaning, each with its place and its hint', async () => {
    const api = await startApi();
    const body = {
      targets: ['10.0.0.300', '127.0.0.1'],
      ports: '22,70000,90-80',
      retries: [1],
      colour: 'red',
      timeout: 'soon',
    };
    const answer = await api.ask('POST', '/scans', { body });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    const problem = answer.json<Problem>();
    expect(problem.faults.map(({ code, at }) => [code, at?.field, at?.text.slice(at.start, at.end)])).toEqual([
      ['FIELD_UNREADABLE', 'retries', '[1]'],
      ['FIELD_UNKNOWN', undefined, undefined],
      ['TARGET_UNREADABLE', 'targets', '300'],
      ['PORT_OUT_OF_RANGE', 'ports', '70000'],
      ['PORT_RANGE_REVERSED', 'ports', '90-80'],
      ['OPTION_UNREADABLE', 'timeout', 'soon'],
    ]);
    expect(problem).toMatchObject({ status: 400, code: 'FIELD_UNREADABLE', instance: '/scans' });
    for (const { mend } of problem.faults) expect(mend).toMatch(/^[A-Z].+/);
    expect([await storedScans(api), api.enqueued]).toEqual([[], []]);
  });

  it('is told that targets are missing, but not when they are there and unreadable', async () => {
    const api = await startApi();
    expect((await api.ask('POST', '/scans', { body: {} })).codes()).toEqual(['TARGET_NONE']);
    expect((await api.ask('POST', '/scans', { body: { targets: '127.0.0.1' } })).codes()).toEqual(['FIELD_UNREADABLE']);
  });

  it('is told what it may not scan, under whatever name', async () => {
    const scope = { ranges: [], names: ['here.test'] };
    const api = await startApi({ planning: { policy: { ...LOCAL_POLICY, scope } } });
    const body = { targets: ['metadata.test', '127.0.0.1', 'here.test'] };
    const answer = await api.ask('POST', '/scans', { body });
    expect(answer.status).toBe(403);
    const places = answer.json<Problem>().faults.map(({ code, at }) => [code, at?.text]);
    expect(places).toContainEqual(['TARGET_FORBIDDEN', 'metadata.test']);
    expect(places).toContainEqual(['TARGET_FORBIDDEN', '127.0.0.1']);
    expect(places).not.toContainEqual(['TARGET_FORBIDDEN', 'here.test']);
  });

  it('is told names without an address, and scans that are too large', async () => {
    const api = await startApi();
    expect((await api.ask('POST', '/scans', { body: { targets: ['nowhere.test'] } })).codes()).toEqual([
      'TARGET_UNRESOLVED',
    ]);
    const huge = await api.ask('POST', '/scans', { body: { targets: ['10.0.0.0/8'] } });
    expect([huge.status, huge.codes()]).toEqual([413, ['TOO_MANY_PROBES']]);
  });

  it.each([
    ['no JSON', '{"targets": [', 'application/json', 400, 'BODY_UNREADABLE'],
    ['no object', '["127.0.0.1"]', 'application/json', 400, 'BODY_UNREADABLE'],
    ['null', 'null', 'application/json; charset=utf-8', 400, 'BODY_UNREADABLE'],
    ['nothing', '', 'application/json', 400, 'BODY_UNREADABLE'],
    ['a form', 'targets=127.0.0.1', 'application/x-www-form-urlencoded', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['text, as another site may send it', '{}', 'text/plain', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['too much', JSON.stringify({ targets: ['1'.repeat(MAX_BODY_BYTES)] }), 'application/json', 413, 'BODY_TOO_LARGE'],
  ])('is told that its body is %s', async (_what, body, type, status, code) => {
    const api = await startApi();
    const answer = await api.ask('POST', '/scans', { body, headers: { 'content-type': type } });
    expect([answer.status, answer.codes()]).toEqual([status, [code]]);
  });

  it('is cut off in a body without end, which never says how long it is', async () => {
    const api = await startApi();
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_000;
        controller.enqueue(new Uint8Array(1_000).fill(32));
      },
    });
    const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: endless, duplex: 'half' } as RequestInit;
    const answer = await fetch(`${api.url}/scans`, request).catch((error: Error) => error);
    // The answer may come while the body is still being sent: then the client sees it, or a closed connection.
    if (answer instanceof Response) expect(answer.status).toBe(413);
    // What the socket buffers of both ends hold is sent before anybody can say no.
    expect(sent).toBeLessThan(64 * MAX_BODY_BYTES);
    expect(await storedScans(api)).toEqual([]);
  });
});

describe('An idempotency key', () => {
  const post = (api: ApiUnderTest, key: string, body: unknown = LOOPBACK) =>
    api.ask('POST', '/scans', { body, headers: { 'idempotency-key': key } });

  it('makes one scan of a repeated request, and says that it is a repeat', async () => {
    const api = await startApi();
    const [first, second] = [await post(api, 'k1'), await post(api, 'k1', { ports: '1-1000', targets: ['127.0.0.1'] })];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.json<Accepted>().scanId).toBe(first.json<Accepted>().scanId);
    expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await storedScans(api)).toHaveLength(1);
    expect((await post(api, 'k2')).json<Accepted>().scanId).not.toBe(first.json<Accepted>().scanId);
  });

  it('makes one scan of many requests at the same time, and counts it once', async () => {
    const api = await startApi({ quota: { probesPerDay: 1_999, scansAtOnce: 1 } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(api, 'k')));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(202));
    expect(new Set(answers.map((answer) => answer.json<Accepted>().scanId)).size).toBe(1);
    expect(await storedScans(api)).toHaveLength(1);
  });

  it('is refused for another request', async () => {
    const api = await startApi();
    await post(api, 'k');
    const other = await post(api, 'k', { ...LOOPBACK, ports: '1-999' });
    expect([other.status, other.codes()]).toEqual([422, ['KEY_REUSED']]);
  });

  it('is free again after a request with errors', async () => {
    const api = await startApi();
    expect((await post(api, 'k', { ...LOOPBACK, ports: '70000' })).status).toBe(400);
    expect((await post(api, 'k')).status).toBe(202);
  });

  it('is mended when the first call died between two of its steps', async () => {
    const api = await startApi();
    const first = (await post(api, 'k')).json<Accepted>();
    // Died before the scan was stored: the key is bound, and nothing else is there.
    await api.node.store.changeStatus((await api.stored(first.scanId)).id, 'planned', 'cancelled', api.clock.wall());
    await api.node.store.deleteScan((await api.stored(first.scanId)).id);
    expect((await post(api, 'k')).json<Accepted>().scanId).toBe(first.scanId);
    // Died before the scan was sent out: it is stored as planned, and is sent out now.
    const before = api.enqueued.length;
    await post(api, 'k');
    expect(api.enqueued.slice(before)).toEqual([first.scanId]);
    await api.node.store.changeStatus((await api.stored(first.scanId)).id, 'planned', 'running', api.clock.wall());
    await post(api, 'k');
    expect(api.enqueued).toHaveLength(before + 1);
  });

  it('must be one that can be read', async () => {
    const api = await startApi();
    for (const key of ['', 'two words', 'x'.repeat(201)]) {
      expect((await post(api, key)).codes(), key).toEqual(['FIELD_UNREADABLE']);
    }
  });
});

describe('The quota of a caller', () => {
  const submit = (api: ApiUnderTest, ports: string) =>
    api.ask('POST', '/scans', { body: { targets: ['127.0.0.1'], ports } });

  it('limits the probes of a day, says when to come back, and starts over at midnight UTC', async () => {
    const api = await startApi({ quota: { probesPerDay: 1_500, scansAtOnce: null } });
    expect((await submit(api, '1-1000')).status).toBe(202);
    const refused = await submit(api, '1-501');
    expect([refused.status, refused.codes()]).toEqual([429, ['PROBES_SPENT']]);
    // The clock of these tests stands at noon.
    expect(refused.headers.get('retry-after')).toBe(`${12 * 3_600}`);
    expect((await submit(api, '1-500')).status).toBe(202);
    api.clock.advance(millis(12 * 3_600_000));
    expect((await submit(api, '1-1500')).status).toBe(202);
  });

  it('limits the scans at once, and frees a place as soon as one is over or gone', async () => {
    const api = await startApi({ quota: { probesPerDay: null, scansAtOnce: 2 } });
    const [first, second] = [(await submit(api, '1')).json<Accepted>(), (await submit(api, '2')).json<Accepted>()];
    const refused = await submit(api, '3');
    expect([refused.status, refused.codes()]).toEqual([429, ['TOO_MANY_SCANS']]);
    expect(refused.headers.get('retry-after')).toBe('60');
    await api.ask('POST', `/scans/${first.scanId}/cancel`);
    expect((await submit(api, '3')).status).toBe(202);
    expect((await submit(api, '4')).status).toBe(429);
    await api.ask('POST', `/scans/${second.scanId}/cancel`);
    await api.ask('DELETE', `/scans/${second.scanId}`);
    expect((await submit(api, '4')).status).toBe(202);
    expect((await submit(api, '5')).status).toBe(429);
  });

  it('does not lose a place to a call that died before its scan was stored', async () => {
    const api = await startApi({ quota: { probesPerDay: null, scansAtOnce: 1 } });
    const quota = { probesPerDay: null, scansAtOnce: 1 };
    await api.node.callers.reserve({ caller: 'local', scan: freshScanId(), probes: 1, at: api.clock.wall(), quota });
    expect((await submit(api, '1')).status).toBe(429);
    api.clock.advance(millis(60_001));
    expect((await submit(api, '1')).status).toBe(202);
  });
});
