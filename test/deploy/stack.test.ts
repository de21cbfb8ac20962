import { type DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, PurgeQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeTable } from '../../lambdas/aws/dynamo/table.ts';
import { makeSqsChunkSender } from '../../lambdas/aws/sqs-senders.ts';
import { makeSweepRecords } from '../../lambdas/sweeper/dynamo-sweep-records.ts';
import { millis, type ScanId } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { cdk, type DeployedStack, deploy } from '../helpers/aws/deployed-stack.ts';
import { dynamoClientAt } from '../helpers/aws/dynamo-local.ts';
import { NOBODY } from '../helpers/aws/emulator.ts';
import { hearAccount } from '../helpers/aws/hear-account.ts';
import { type Ministack, startMinistack } from '../helpers/aws/ministack.ts';
import { queryCall, restCall, targetCall } from '../helpers/aws/raw-call.ts';
import { makeSqsChunkQueue } from '../helpers/aws/sqs-chunk-queue.ts';
import { sqsClientAt } from '../helpers/aws/sqs-queues.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { closedPort, openPort } from '../helpers/ports.ts';
import { browserMissing, open, serve, useBrowser } from '../web/browser.ts';

const missing = awsToolsMissing({ java: false, python: true });
if (missing) console.warn(`Deploying into an emulator is skipped: it ${missing}`);

/** What GET /scans/{id} says, as far as these tests look at it. */
interface ScanAnswer {
  readonly scanId: ScanId;
  readonly status: string;
  readonly summary?: {
    readonly planned: number;
    readonly settled: Record<string, number>;
    readonly unprobed: Record<string, number>;
    readonly pending: number;
    readonly duration: number;
  };
  readonly submittedBy?: { readonly caller: string; readonly sourceAddress: string };
}

const OVER = ['complete', 'complete-with-gaps', 'cancelled', 'failed'];
const LOOK_EVERY_MS = 200;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));

describe.skipIf(missing)('The stack, deployed by cdk into an emulator of AWS,', () => {
  let started: (DeployedStack & { ministack: Ministack; sqs: SQSClient; dynamo: DynamoDBClient }) | undefined;
  const stack = () => started ?? expect.unreachable();

  beforeAll(async () => {
    const ministack = await startMinistack();
    started = {
      ministack,
      ...(await deploy(ministack)),
      sqs: sqsClientAt(ministack.endpoint),
      dynamo: dynamoClientAt(ministack.endpoint),
    };
  });
  afterAll(async () => {
    started?.sqs.destroy();
    started?.dynamo.destroy();
    await started?.ministack.stop();
  });

  const browser = useBrowser();
  const submit = async (body: Record<string, unknown>, headers: Record<string, string> = {}): Promise<ScanId> => {
    const answer = await stack().call('POST', '/scans', { body: { targets: ['127.0.0.1'], ...body }, headers });
    expect(answer).toMatchObject({ status: 202 });
    return (answer.body as { scanId: ScanId }).scanId;
  };
  const read = async (id: ScanId): Promise<ScanAnswer> =>
    (await stack().call('GET', `/scans/${id}`)).body as ScanAnswer;
  const readWhenOver = async (id: ScanId): Promise<ScanAnswer> => {
    for (;;) {
      const scan = await read(id);
      if (OVER.includes(scan.status)) return scan;
      await pause();
    }
  };
  const queueUrl = async (name: string): Promise<string> => {
    const { QueueUrls = [] } = await stack().sqs.send(new ListQueuesCommand({}));
    return QueueUrls.find((url) => url.includes(name)) ?? expect.fail(`no queue ${name} among ${QueueUrls}`);
  };
  const waiting = async (url: string, which: '' | 'Delayed' = ''): Promise<number> => {
    const name = `ApproximateNumberOfMessages${which}` as const;
    const { Attributes } = await stack().sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [name] }),
    );
    return Number(Attributes?.[name]);
  };

  /** The workers take nothing off their queue until they are switched on again. */
  async function withWorkersOff(test: () => Promise<void>): Promise<void> {
    const { endpoint } = stack().ministack;
    const { EventSourceMappings } = (await restCall(endpoint, 'lambda', '/2015-03-31/event-source-mappings/')) as {
      EventSourceMappings: { UUID: string; EventSourceArn: string }[];
    };
    const mapping = EventSourceMappings.find(({ EventSourceArn }) => EventSourceArn.includes('QueuesChunks'));
    const path = `/2015-03-31/event-source-mappings/${mapping?.UUID}`;
    const set = (Enabled: boolean) => restCall(endpoint, 'lambda', path, { method: 'PUT', body: { Enabled } });
    await set(false);
    try {
      await test();
    } finally {
      await set(true);
    }
  }

  it('takes nothing that is not signed', async () => {
    expect((await stack().call('GET', '/scans', { unsigned: true })).status).toBe(403);
    expect((await stack().call('GET', '/health')).status).toBe(200);
  });

  it('finds what is open and what is closed, and tells who submitted it, and how long it took', async () => {
    await using first = await openPort();
    await using second = await openPort();
    const closed = await closedPort();
    const id = await submit({ ports: `25,${closed},${first.port},${second.port}` });
    const { status, summary, submittedBy } = await readWhenOver(id);
    expect(status).toBe('complete-with-gaps');
    expect(summary).toMatchObject({
      planned: 4,
      settled: { 'open/syn-ack': 2, 'closed/conn-refused': 1 },
      unprobed: { 'unprobed/blocked-by-egress': 1 },
      pending: 0,
    });
    expect(summary?.duration).toBeGreaterThan(0);
    expect(submittedBy).toMatchObject({ caller: expect.stringContaining('arn:aws:iam::'), sourceAddress: '127.0.0.1' });
    const { body } = await stack().call('GET', `/scans/${id}/ports?state=open`);
    const ports = (body as { items: { port: number }[] }).items.map(({ port }) => port);
    expect(ports).toEqual([first.port, second.port].sort((a, b) => a - b));
    const report = await stack().call('GET', `/scans/${id}/report?format=text`);
    expect(report.body).toMatch(/Scanning completed with gaps in 0:00:\d\d\.\d{6}/);
  });

  it('makes one scan of a request that is repeated under one key', async () => {
    const key = { 'idempotency-key': 'once' };
    const id = await submit({ ports: '1-3' }, key);
    expect(await submit({ ports: '1-3' }, key)).toBe(id);
    expect(await readWhenOver(id)).toMatchObject({ status: 'complete', summary: { planned: 3, pending: 0 } });
  });

  it('scans nothing outside its scope, nor what is never scanned', async () => {
    const targets = ['1.1.1.1', '169.254.169.254'];
    const { status, body } = await stack().call('POST', '/scans', { body: { targets, ports: '80' } });
    expect(status).toBe(403);
    expect(JSON.stringify(body)).toMatch(/169\.254\.169\.254/);
  });

  it('stops a scan that is cancelled, and keeps what was found', async () => {
    // 100 a second: eight seconds for the 800, in one chunk.
    const id = await submit({ ports: '2000-2799', rate: 100 });
    expect((await read(id)).status).toBe('running');
    expect((await stack().call('POST', `/scans/${id}/cancel`)).status).toBeLessThan(300);
    expect((await read(id)).status).toBe('cancelled');
    const other = await submit({ ports: '1' });
    // The chunk that was under way has ended by the time the next scan is done, and changed nothing.
    expect((await readWhenOver(other)).status).toBe('complete');
    expect((await read(id)).status).toBe('cancelled');
  });

  /** A scan of ten ports whose one chunk became a dead letter. */
  async function deadLetteredScan(): Promise<ScanId> {
    const [chunks, deadLetters] = [await queueUrl('QueuesChunks'), await queueUrl('DeadLetters')];
    const queue = makeSqsChunkQueue(stack().sqs, { chunks, deadLetters });
    const id = await submit({ ports: '1-10' });
    let [taken] = await queue.receive(1, millis(60_000));
    // Another scan of the same address may still be under way.
    for (; !taken; [taken] = await queue.receive(1, millis(60_000))) await pause();
    await queue.delete(taken);
    // SQS moves a message there after a thousand deliveries; here it is put there.
    await makeSqsChunkSender(stack().sqs, deadLetters).send([{ ...taken, deduplicationKey: `${id}/dead` }]);
    return id;
  }

  it('ends a scan with gaps when the message of a chunk has become a dead letter', async () => {
    await withWorkersOff(async () => {
      const { status, summary } = await readWhenOver(await deadLetteredScan());
      expect(status).toBe('complete-with-gaps');
      expect(summary).toMatchObject({ planned: 10, unprobed: { 'unprobed/chunk-failed': 10 }, pending: 0 });
    });
  });

  it.skipIf(browserMissing)('probes again what failed, when the page is told to resume', async () => {
    let id = '' as ScanId;
    await withWorkersOff(async () => {
      id = await deadLetteredScan();
      expect((await readWhenOver(id)).status).toBe('complete-with-gaps');
    });
    const served = await serve({ words: ['--endpoint', stack().url], env: NOBODY });
    const { page } = await open(browser(), served.link);
    await page.goto(`${served.url}/#/scan/${id}`);
    await page.click('button:text-is("Resume")');
    await page.waitForSelector('.status.complete');
    expect(await read(id)).toMatchObject({ status: 'complete', summary: { planned: 10, pending: 0, unprobed: {} } });
  });

  it.skipIf(browserMissing)('is worked by the page, whose requests the local server signs', async () => {
    await using listener = await openPort();
    const served = await serve({ words: ['--endpoint', stack().url], env: NOBODY });
    const { page, complaints } = await open(browser(), served.link);
    await page.click('nav >> text=New scan');
    await page.fill('#field-targets', '127.0.0.1');
    await page.fill('#field-ports', `${listener.port}`);
    await page.waitForSelector('dt:text-is("Cost")');
    await page.click('button[type=submit]');
    await page.waitForSelector('.status.complete');
    await page.waitForSelector(`td[data-column=port]:has-text("${listener.port}/tcp")`);
    await page.goto(`${served.url}/#/scan/${await submit({ ports: '2000-2799', rate: 100 })}`);
    await page.click('button:text-is("Cancel")');
    await page.waitForSelector('.status.cancelled');
    expect(complaints).toEqual([]);
  });

  it('sends of a large scan what the fleet takes in a minute, and lets the rest wait for its turn', async () => {
    const [chunks, ranges] = [await queueUrl('QueuesChunks'), await queueUrl('QueuesRanges')];
    await withWorkersOff(async () => {
      // 2,048 addresses with 4,000 ports each, of which a worker takes no two: 2,048 chunks.
      const id = await submit({ targets: ['127.1.0.0/21'], ports: '1-4000' });
      // The rest goes back to the queue of ranges when the chunks of the turn are sent.
      while ((await waiting(chunks)) === 0 || (await waiting(ranges, 'Delayed')) === 0) await pause();
      const sent = await waiting(chunks);
      expect(sent).toBeLessThan(2_048);
      // No chunk ends while the workers are off, so the next turn, five seconds later, sends none.
      stack().ministack.elapse(millis(6_000));
      while ((await waiting(ranges, 'Delayed')) === 0) await pause();
      expect(await waiting(chunks)).toBe(sent);
      await stack().call('POST', `/scans/${id}/cancel`);
      await stack().sqs.send(new PurgeQueueCommand({ QueueUrl: chunks }));
    });
  });

  it('sweeps every few minutes', async () => {
    const { TableNames: [name = ''] = [] } = await stack().dynamo.send(new ListTablesCommand({}));
    const records = makeSweepRecords(makeTable(stack().dynamo, name), makeRetention(1, systemClock));
    await withWorkersOff(async () => {
      const id = await submit({ ports: '1-10' });
      stack().ministack.elapse(millis(200_000));
      let record = await records.read(id);
      for (; record === undefined; record = await records.read(id)) await pause();
      expect(record).toMatchObject({ status: 'running', missing: 1, generation: 0 });
    });
  });

  it('runs a watch within its minute, and tells the topic, and rules on the events of the account', async () => {
    await using open = await openPort();
    const heard = await hearAccount(stack().ministack.endpoint, stack().sqs, 'ReceiversAlerts');
    const watchShown = async () =>
      (await stack().call('GET', '/watches/edge')).body as { phase: string; deliveries: { state: string }[] };
    const watch = { name: 'edge', targets: ['127.0.0.1'], ports: `${open.port}`, every: '1d', notify: ['sns'] };
    expect((await stack().call('POST', '/watches', { body: watch })).status).toBe(200);
    expect((await stack().call('POST', '/watches/edge/test')).body).toMatchObject({
      deliveryIds: [expect.stringMatching(/-to-1$/), expect.stringMatching(/-to-events$/)],
    });
    // The schedule is the emulator's, whose clock is put forward; the first run looks three times, a minute apart.
    stack().ministack.elapse(millis(60_000));
    const wanted = ['bus Portfleet Scan Ended', 'bus Portfleet Watch Changed', 'topic test'];
    let all = await heard();
    const kinds = () => [...new Set(all.map(({ via, type }) => `${via} ${type}`))].sort();
    // Scans of the tests before this one may end late, and are told of too.
    const ended = () => all.find(({ type, detail }) => type === 'Portfleet Scan Ended' && detail['planned'] === 1);
    for (; kinds().length < wanted.length || !ended(); all = await heard()) await pause();
    expect(kinds()).toEqual(wanted);
    expect(ended()?.detail).toMatchObject({ version: 1, deployment: 'Portfleet', status: 'complete', open: 1 });
    expect(all.find(({ via }) => via === 'topic')?.detail).toMatchObject({ kind: 'test', watch: { name: 'edge' } });
    // The end of the scan goes to the watch, too, which then waits for its next round.
    let shown = await watchShown();
    for (; shown.phase !== 'between-rounds'; shown = await watchShown()) await pause();
    expect(shown).toMatchObject({ name: 'edge', status: 'active' });
    expect(shown.deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered']);
    expect((await stack().call('DELETE', '/watches/edge')).status).toBeLessThan(300);
  });

  it('leaves nothing behind when it is destroyed', async () => {
    const { ministack, sqs, dynamo } = stack();
    const inventory = async () => ({
      ...(await listings(ministack.endpoint)),
      tables: (await dynamo.send(new ListTablesCommand({}))).TableNames?.length ?? 0,
      queues: (await sqs.send(new ListQueuesCommand({}))).QueueUrls?.length ?? 0,
    });
    const before = await inventory();
    expect(before).toEqual({
      functions: 8,
      sources: 5,
      apis: 1,
      logGroups: 9,
      rules: 2,
      topics: 2,
      alarms: 21,
      roles: 8,
      tables: 1,
      queues: 4,
    });
    await cdk(ministack, 'destroy', '--force');
    expect(await inventory()).toEqual(Object.fromEntries(Object.keys(before).map((kind) => [kind, 0])));
  });
});

/** How many there are of each kind that the project has no client for; of roles, those of the stack. */
async function listings(endpoint: string): Promise<Record<string, number>> {
  const rest = (service: string, path: string) =>
    restCall(endpoint, service, path) as Promise<Record<string, unknown[]>>;
  const target = (service: string, name: string) =>
    targetCall(endpoint, service, name) as Promise<Record<string, unknown[]>>;
  const count = async (service: string, action: string, tag: string): Promise<number> =>
    (await queryCall(endpoint, service, action)).split(tag).length - 1;
  return {
    functions: (await rest('lambda', '/2015-03-31/functions/'))['Functions']?.length ?? -1,
    sources: (await rest('lambda', '/2015-03-31/event-source-mappings/'))['EventSourceMappings']?.length ?? -1,
    apis: (await rest('apigateway', '/v2/apis'))['items']?.length ?? -1,
    logGroups: (await target('logs', 'Logs_20140328.DescribeLogGroups'))['logGroups']?.length ?? -1,
    rules: (await target('events', 'AWSEvents.ListRules'))['Rules']?.length ?? -1,
    topics: await count('sns', 'ListTopics', '<TopicArn>'),
    alarms: await count('monitoring', 'DescribeAlarms', '<AlarmName>'),
    roles: await count('iam', 'ListRoles', '<RoleName>Portfleet'),
  };
}
