import { once } from 'node:events';
import { Agent, request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { config } from '../../lambdas/aws/clients.ts';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeDynamoScanStore } from '../../lambdas/aws/dynamo/scan-store.ts';
import { makeTable } from '../../lambdas/aws/dynamo/table.ts';
import { makeSqsChunkSender } from '../../lambdas/aws/sqs-senders.ts';
import { PortfleetError } from '../../shared/domain/errors.ts';
import { chunkNumber } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { chunkNumbers, outgoingOf } from '../../shared/plan/outgoing.ts';
import { cancelScan } from '../../shared/usecases/cancel-scan.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { createTable, dynamoClientAt, startDynamoLocal } from '../helpers/aws/dynamo-local.ts';
import type { Emulator } from '../helpers/aws/emulator.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { coverageOfChunk, findingsOfChunk, sampleScan } from '../helpers/sample-scan.ts';
import { ROUNDS, randomOf } from './rounds.ts';

const random = randomOf('throttling');

/** What AWS says when it does not: throttled, busy, broken. The SDK tries some of them again by itself. */
const REFUSALS: readonly (readonly [status: number, type: string])[] = [
  [400, 'ProvisionedThroughputExceededException'],
  [400, 'ThrottlingException'],
  [400, 'RequestLimitExceeded'],
  [500, 'InternalServerError'],
  [503, 'ServiceUnavailable'],
];

/** How often a call is refused, broken off before it arrives, and broken off after it took effect. */
const REFUSED = 0.25;
const BROKEN = 0.05;
const UNANSWERED = 0.1;

/** A way to the endpoint on which calls are refused, break, or take effect without an answer. */
async function shakyWay(port: number) {
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (incoming, outgoing) => {
    const body: Buffer[] = [];
    for await (const piece of incoming) body.push(piece as Buffer);
    const roll = random();
    if (roll < REFUSED) {
      const [status, type] = REFUSALS[Math.floor(random() * REFUSALS.length)] ?? [500, ''];
      outgoing
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ __type: type }));
    } else if (roll < REFUSED + BROKEN) incoming.socket.destroy();
    else {
      const { method, url, headers } = incoming;
      const forward = ask({ host: '127.0.0.1', port, method, path: url, headers, agent }, (answer) => {
        if (roll > 1 - UNANSWERED) incoming.socket.destroy();
        else answer.pipe(outgoing.writeHead(answer.statusCode ?? 500, answer.headers));
        answer.resume();
      });
      forward.on('error', () => incoming.socket.destroy());
      forward.end(Buffer.concat(body));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    agent.destroy();
  });
  return (server.address() as AddressInfo).port;
}

const credentials = { accessKeyId: '000000000000', secretAccessKey: 'nobody' };

/** As a queue does: again and again, because the message comes back; every error must be one that we know. */
async function untilDone(work: () => Promise<unknown>): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return tries;
    } catch (error) {
      if (!(error instanceof PortfleetError)) throw error;
      expect(error.errors.map(({ code }) => code)).toEqual(['STORE_UNAVAILABLE']);
      expect(tries).toBeLessThan(100);
    }
  }
}

const missing = awsToolsMissing({ java: true, python: false });
if (missing) console.warn(`The tests of a throttled table are skipped: it ${missing}`);

const CHUNKS = 8;

/** A round takes some seconds of the SDK's own pauses. */
const SCANS = Math.ceil(ROUNDS / 5);

describe.skipIf(missing)('A table that throttles, fails and does not answer', () => {
  let dynamo: Emulator;
  beforeAll(async () => {
    dynamo = await startDynamoLocal();
  });
  afterAll(() => dynamo.stop());

  const bench = async () => {
    const name = ulid();
    const steady = dynamoClientAt(dynamo.endpoint);
    await createTable(steady, name);
    const port = await shakyWay(dynamo.port);
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const shaky = new DynamoDBClient({
      ...config,
      region: 'us-east-1',
      credentials,
      endpoint: `http://127.0.0.1:${port}`,
    });
    onTestFinished(() => {
      shaky.destroy();
      steady.destroy();
    });
    const retention = makeRetention(30, systemClock);
    return {
      store: makeDynamoScanStore(makeTable(shaky, name), retention, systemClock),
      truth: makeDynamoScanStore(makeTable(steady, name), retention, systemClock),
    };
  };

  it('loses nothing that was written, and ends the scan once', async () => {
    const { store, truth } = await bench();
    for (let round = 0; round < SCANS; round++) {
      const scan = sampleScan({ chunks: CHUNKS });
      await untilDone(() => store.createScan(scan));
      await untilDone(() => store.changeStatus(scan.id, 'planned', 'running', systemClock.wall()));
      await Promise.all(
        Array.from({ length: CHUNKS }, (_, at) => chunkNumber(at)).map((chunk) =>
          untilDone(async () => {
            await store.putFindings(scan.id, chunk, findingsOfChunk(chunk));
            await store.putCoverage(scan.id, coverageOfChunk(chunk));
            await completeChunk({ store, clock: systemClock }, scan, chunk, 'settled');
          }),
        ),
      );
      expect((await truth.readScan(scan.id))?.status).toBe('finalizing');
      for (let at = 0; at < CHUNKS; at++) {
        const chunk = chunkNumber(at);
        const found = await truth.readFindings(scan.id, chunk);
        expect([...found].sort((a, b) => a.port - b.port)).toEqual(findingsOfChunk(chunk));
        expect(await truth.readCoverage(scan.id, chunk)).toEqual(coverageOfChunk(chunk));
      }
    }
  });

  it('cancels a scan, and says so, also where the answer to the change was lost', async () => {
    const { store, truth } = await bench();
    for (let round = 0; round < 5 * SCANS; round++) {
      const scan = sampleScan({ status: 'running' });
      await truth.createScan(scan);
      const results: boolean[] = [];
      await untilDone(async () => void results.push((await cancelScan({ store, clock: systemClock }, scan)).ok));
      expect([results, (await truth.readScan(scan.id))?.status]).toEqual([[true], 'cancelled']);
    }
  });
});

describe('A queue that throttles, fails, and takes half of what it is sent', () => {
  it('gets every message, or says that it did not', async () => {
    const taken = new Map<string, number>();
    const server = createServer(async (incoming, outgoing) => {
      const body: Buffer[] = [];
      for await (const piece of incoming) body.push(piece as Buffer);
      const json = (status: number, value: unknown): void =>
        void outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(value));
      if (random() < REFUSED) return random() < 0.5 ? json(503, {}) : json(400, { __type: 'RequestThrottled' });
      if (random() < BROKEN) return void incoming.socket.destroy();
      const { Entries } = JSON.parse(Buffer.concat(body).toString()) as {
        Entries: { Id: string; MessageDeduplicationId: string }[];
      };
      const [ok, bad] = [[] as object[], [] as object[]];
      for (const { Id, MessageDeduplicationId: key } of Entries) {
        if (random() < 0.1) bad.push({ Id, SenderFault: false, Code: 'InternalError' });
        else {
          taken.set(key, (taken.get(key) ?? 0) + 1);
          ok.push({ Id, MessageId: key, MD5OfMessageBody: '' });
        }
      }
      json(200, { Successful: ok, Failed: bad });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = new SQSClient({
      ...config,
      useQueueUrlAsEndpoint: false,
      md5: false,
      region: 'us-east-1',
      credentials,
      endpoint,
    });
    onTestFinished(() => {
      client.destroy();
      server.closeAllConnections();
      server.close();
    });
    const sender = makeSqsChunkSender(client, `${endpoint}/000000000000/chunks.fifo`);
    for (let round = 0; round < ROUNDS; round++) {
      const scan = sampleScan({ chunks: 95 });
      const messages = outgoingOf(scan, chunkNumbers(0, 95));
      const isSent = () =>
        sender.send(messages).then(
          () => true,
          () => false,
        );
      for (let tries = 0; !(await isSent()); tries++) expect(tries).toBeLessThan(100);
      expect(messages.filter(({ deduplicationKey }) => !taken.has(deduplicationKey))).toEqual([]);
    }
  });
});
