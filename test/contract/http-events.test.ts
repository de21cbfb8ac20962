import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Problem } from '../../shared/api/problem.ts';
import { chunkNumber } from '../../shared/domain/units.ts';
import { type ApiUnderTest, startApi } from '../helpers/http-api.ts';
import { sampleFinding, sampleScan } from '../helpers/sample-scan.ts';

/** As many as one server serves at once. */
const MOST = 32;

interface Stream {
  readonly sent: ClientRequest;
  readonly response: IncomingMessage;
  /** Resolves with the next piece of the stream. */
  next(): Promise<string>;
}

/** A stream of events, on a connection of its own. */
async function open(api: ApiUnderTest, id: string): Promise<Stream> {
  const headers = { authorization: `Bearer ${api.token}` };
  const sent = request(`${api.url}/events/${id}`, { headers, agent: false });
  sent.on('error', () => {});
  onTestFinished(() => void sent.destroy());
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  const pieces = response[Symbol.asyncIterator]() as AsyncIterator<string>;
  return { sent, response, next: async () => (await pieces.next()).value ?? '' };
}

describe('The events of scans', () => {
  it('are sent to 32 pages at once; the next is told so, the others live on, and one that leaves makes room', async () => {
    const api = await startApi();
    const scan = sampleScan({ status: 'running' });
    await api.node.store.createScan(scan);
    const streams: Stream[] = [];
    for (let count = 0; count < MOST; count++) streams.push(await open(api, scan.id));
    expect(streams.map(({ response }) => response.statusCode)).toEqual(streams.map(() => 200));
    for (const stream of streams) expect(await stream.next()).toContain('event: changed');

    const refused = await open(api, scan.id);
    expect([refused.response.statusCode, refused.response.headers['retry-after']]).toEqual([503, '5']);
    const { code, faults } = JSON.parse(await refused.next()) as Problem;
    expect([code, faults.length]).toEqual(['TOO_MANY_STREAMS', 1]);

    await api.node.store.putFindings(scan.id, chunkNumber(0), [sampleFinding(22)]);
    for (const stream of streams) expect(await stream.next()).toContain('event: changed');

    streams.shift()?.sent.destroy();
    // The server hears of it as soon as its system does; until then it refuses.
    let last = await open(api, scan.id);
    for (let tries = 1; last.response.statusCode !== 200 && tries < 1_000; tries++) last = await open(api, scan.id);
    expect(await last.next()).toContain('event: changed');
    expect((await open(api, scan.id)).response.statusCode).toBe(503);
  });

  it('end with the scan, and make room then', async () => {
    const api = await startApi();
    const scan = sampleScan({ status: 'running' });
    await api.node.store.createScan(scan);
    const streams: Stream[] = [];
    for (let count = 0; count < MOST; count++) streams.push(await open(api, scan.id));
    for (const stream of streams) await stream.next();
    await api.node.store.changeStatus(scan.id, 'running', 'cancelled', api.clock.wall());
    for (const stream of streams) {
      let text = '';
      for (let piece = await stream.next(); piece !== ''; piece = await stream.next()) text += piece;
      expect(text).toContain('event: over');
    }
    expect((await open(api, scan.id)).response.statusCode).toBe(200);
  });
});
