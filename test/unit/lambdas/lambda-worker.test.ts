import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { makeHandler, type WorkerDeps } from '../../../lambdas/worker/handler.ts';
import { countCoverage } from '../../../shared/domain/coverage.ts';
import { CLAIM_MARGIN_SECONDS, WORKER_SECONDS, WORKER_WRITE_SECONDS } from '../../../shared/domain/limits.ts';
import { countPorts, type PortSet, portSet } from '../../../shared/domain/port-set.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { TIMING_TEMPLATES, type Timing } from '../../../shared/domain/timing-template.ts';
import { type Address, chunkNumber, type PortNumber } from '../../../shared/domain/units.ts';
import type { Usage } from '../../../shared/domain/usage.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { netProber } from '../../../shared/net/prober.ts';
import { systemClock } from '../../../shared/net/system-clock.ts';
import { LAMBDA_EGRESS } from '../../../shared/request/egress-restrictions.ts';
import { DEPLOYED_POLICY, type Policy } from '../../../shared/request/target-policy.ts';
import { contextWith, sqsEvent, sqsRecord } from '../../helpers/lambda/events.ts';
import { keepWords } from '../../helpers/lambda/quiet.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { closedPort, openPort } from '../../helpers/ports.ts';
import { freshScanId, sampleScan } from '../../helpers/sample-scan.ts';

const LOOPBACK = '127.0.0.1' as Address;
const SCOPE = { ranges: [{ first: LOOPBACK, last: LOOPBACK }], names: [] };
/** Loopback may be asked here, as under an emulator. */
const POLICY: Policy = { ...DEPLOYED_POLICY, allowLoopback: true, scope: SCOPE };

const FAST: Timing = { ...TIMING_TEMPLATES.T5, ratePerTarget: null };
const WRITING = WORKER_WRITE_SECONDS * 1_000;
const PLENTY = contextWith(600_000);

const ranges = (...ports: number[]): PortSet =>
  portSet(
    ports.map((port) => [port as PortNumber, port as PortNumber]),
    [],
  );

/** A running scan of one chunk, and a worker over it. */
async function bench(ports: PortSet, { timing = FAST, ...more }: Partial<WorkerDeps> & { timing?: Timing } = {}) {
  const sample = sampleScan({ status: 'running' });
  const portCount = countPorts(ports);
  const geometry = { ...sample.plan.geometry, portCount, size: portCount, lanes: 1 };
  const scan: Scan = { ...sample, plan: { ...sample.plan, ports, timing, geometry } };
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  const sentAgain: SQSRecord[] = [];
  const hidden: { readonly record: SQSRecord; readonly seconds: number }[] = [];
  const used: { readonly chunk: number; readonly usage: Usage; readonly status: string | undefined }[] = [];
  let units = 0;
  const kept = keepWords();
  const handler = makeHandler({
    store,
    queue: {
      sendAgain: async (record) => void sentAgain.push(record),
      hide: async (record, visibility) => void hidden.push({ record, seconds: visibility / 1_000 }),
    },
    prober: netProber,
    connector: nodeConnector,
    clock: systemClock,
    policy: POLICY,
    egress: LAMBDA_EGRESS,
    sockets: 100,
    random: () => 0,
    usage: {
      add: async (_, chunk, usage) => void used.push({ chunk, usage, status: (await store.readScan(scan.id))?.status }),
    },
    writeUnits: () => units++,
    startMillis: 400,
    ...kept,
    ...more,
  });
  return {
    scan,
    store,
    handler,
    sentAgain,
    hidden,
    used,
    kept,
    record: (receiveCount = 1) => sqsRecord({ scanId: scan.id, chunk: 0 }, receiveCount),
    coverage: async () => countCoverage((await store.readCoverage(scan.id, chunkNumber(0)))?.runs ?? []),
    runs: async () => (await store.readCoverage(scan.id, chunkNumber(0)))?.runs,
    status: async () => (await store.readScan(scan.id))?.status,
  };
}

describe('The worker function', () => {
  it('adds up what each delivery used, its start once, before the chunk counts as ended', async () => {
    // A start that no delivery takes as long as, however busy the machine.
    const start = 1e9;
    const ports = ranges(await closedPort(), await closedPort());
    const { handler, record, used } = await bench(ports, { startMillis: start });
    await handler(sqsEvent(record()), contextWith(WRITING - 1));
    await handler(sqsEvent(record()), PLENTY);
    await handler(sqsEvent(record()), PLENTY);
    expect(used).toHaveLength(2);
    const [first, second] = used;
    expect(first).toMatchObject({ chunk: 0, status: 'running', usage: { deliveries: 1, ended: 0 } });
    expect(second).toMatchObject({ chunk: 0, status: 'running', usage: { deliveries: 1, ended: 1, writeUnits: 3 } });
    expect(first?.usage.millis).toBeGreaterThan(start);
    expect(second?.usage.millis).toBeGreaterThan(0);
    expect(second?.usage.millis).toBeLessThan(start);
  });

  it('ends a chunk also where what it used cannot be written', async () => {
    const broken = { add: async () => Promise.reject(new Error('throttled')) };
    const { handler, record, status } = await bench(ranges(await closedPort()), { usage: broken });
    expect(await handler(sqsEvent(record()), PLENTY)).toEqual({ batchItemFailures: [] });
    expect(await status()).toBe('finalizing');
  });

  it('probes every port of its chunk, stores what it found, and lets the scan be finished', async () => {
    await using open = await openPort();
    const closed = await closedPort();
    const { handler, record, store, scan, coverage, status, kept } = await bench(ranges(open.port, closed));
    expect(await handler(sqsEvent(record()), PLENTY)).toEqual({ batchItemFailures: [] });
    expect((await store.readFindings(scan.id, chunkNumber(0))).map(({ port }) => port)).toEqual([open.port]);
    expect(await coverage()).toEqual({ settled: 2, unprobed: 0, pending: 0 });
    expect(await status()).toBe('finalizing');
    expect(kept.counts).toEqual({ ChunksDone: 1 });
  });

  it('sends on what does not fit its time, as a new message, and ends with every port accounted for', async () => {
    // 50 a second: some invocations of 400 ms for 80 ports.
    const timing = { ...FAST, ratePerTarget: 50 };
    const ports = portSet([[40_001 as PortNumber, 40_080 as PortNumber]], []);
    const { handler, record, sentAgain, coverage, status } = await bench(ports, { timing });
    const first = record();
    /** Where the machine takes all of the time before the first probe, the message stays, and is delivered again. */
    const deliver = async (message: typeof first): Promise<void> => {
      const failed = async () => (await handler(sqsEvent(message), contextWith(WRITING + 400))).batchItemFailures;
      while ((await failed()).length > 0) expect(sentAgain).toEqual([]);
    };
    await deliver(first);
    expect(sentAgain).toEqual([first]);
    const { settled, pending } = await coverage();
    expect(settled).toBeGreaterThan(0);
    expect(pending).toBeGreaterThan(0);
    expect(settled + pending).toBe(80);
    for (let next = sentAgain.shift(); next; next = sentAgain.shift()) await deliver(next);
    expect(await coverage()).toEqual({ settled: 80, unprobed: 0, pending: 0 });
    expect(await status()).toBe('finalizing');
  });

  it('calls it a failure when its time is up before the first probe, and loses nothing', async () => {
    const { handler, record, sentAgain, hidden, coverage, kept } = await bench(ranges(40_001, 40_002));
    const late = record(2);
    expect(await handler(sqsEvent(late), contextWith(WRITING - 1))).toEqual({
      batchItemFailures: [{ itemIdentifier: late.messageId }],
    });
    expect(sentAgain).toEqual([]);
    expect(hidden.at(-1)).toEqual({ record: late, seconds: 24 });
    expect(kept.counts).toEqual({ ChunksFailed: 1 });
    expect(await coverage()).toEqual({ settled: 0, unprobed: 0, pending: 2 });
  });

  it('keeps the old message when the new one cannot be sent', async () => {
    const timing = { ...FAST, ratePerTarget: 50 };
    const ports = portSet([[40_001 as PortNumber, 40_080 as PortNumber]], []);
    const failing = {
      sendAgain: () => Promise.reject(new Error('SQS is down')),
      hide: () => Promise.reject(new Error('SQS is down')),
    };
    const { handler, record, kept } = await bench(ports, { timing, queue: failing });
    const message = record();
    expect(await handler(sqsEvent(message), contextWith(WRITING + 200))).toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
    expect(kept.events.map(({ event }) => event)).toEqual(['chunk-failed']);
  });

  it('lets a message that failed be delivered again soon, later each time, and everything behind it too', async () => {
    const store = { ...makeMemoryScanStore(), readScan: () => Promise.reject(new Error('the table is down')) };
    const { handler, record, hidden } = await bench(ranges(40_001), { store });
    const messages = [1, 2, 3, 4].map((receiveCount) => record(receiveCount));
    const { batchItemFailures } = await handler(sqsEvent(...messages), PLENTY);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(
      messages.map(({ messageId }) => messageId),
    );
    expect(hidden.slice(-4).map(({ seconds }) => seconds)).toEqual([8, 24, 72, 180]);
  });

  it.each(['', 'null', '{}', '{"scanId":"nobody","chunk":0}', '{"scanId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","chunk":-1}'])(
    'drops a message that is not one of ours, and counts it: %j',
    async (body) => {
      const { handler, kept } = await bench(ranges(40_001));
      expect(await handler(sqsEvent(sqsRecord(body)), PLENTY)).toEqual({ batchItemFailures: [] });
      expect(kept.counts).toEqual({ MessagesDropped: 1 });
    },
  );

  it('claims its message for little longer than it may live, so that a dead one costs half a minute', async () => {
    const { handler, record, hidden } = await bench(ranges(40_001));
    await handler(sqsEvent(record()), contextWith(WORKER_SECONDS * 1_000));
    expect(hidden).toHaveLength(1);
    expect(hidden[0]?.seconds).toBeGreaterThan(WORKER_SECONDS);
    expect(hidden[0]?.seconds).toBeLessThanOrEqual(WORKER_SECONDS + CLAIM_MARGIN_SECONDS);
  });

  it('works on nothing that it cannot claim, because another function may have it', async () => {
    const stale = {
      sendAgain: () => expect.unreachable(),
      hide: () => Promise.reject(new Error('MessageNotInflight')),
    };
    const { handler, record, coverage } = await bench(ranges(40_001), { queue: stale });
    const message = record();
    expect(await handler(sqsEvent(message), PLENTY)).toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
    expect(await coverage()).toEqual({ settled: 0, unprobed: 0, pending: 0 });
  });

  it('gives a chunk up after five deliveries that settled nothing, however often the queue has handed it out', async () => {
    const { handler, record, kept, coverage, runs, status } = await bench(ranges(40_001, 40_002));
    const late = (receiveCount: number) => handler(sqsEvent(record(receiveCount)), contextWith(WRITING - 1));
    await late(1);
    // Throttled functions have taken it forty times in between.
    for (const receiveCount of [42, 43, 44, 45]) await late(receiveCount);
    expect(await coverage()).toEqual({ settled: 0, unprobed: 0, pending: 2 });
    expect(kept.counts).toEqual({ ChunksFailed: 5 });
    expect(await handler(sqsEvent(record(46)), contextWith(WRITING - 1))).toEqual({ batchItemFailures: [] });
    expect(await runs()).toEqual([[2, 'unprobed/chunk-failed']]);
    expect(await status()).toBe('finalizing');
    expect(kept.counts).toEqual({ ChunksFailed: 5, ChunksGivenUp: 1 });
  });

  it('begins to count again when a delivery has settled something', async () => {
    const timing = { ...FAST, ratePerTarget: 50 };
    const ports = portSet([[40_001 as PortNumber, 40_160 as PortNumber]], []);
    const { handler, record, kept, coverage, store, scan } = await bench(ports, { timing });
    const late = (receiveCount: number) => handler(sqsEvent(record(receiveCount)), contextWith(WRITING - 1));
    for (const receiveCount of [2, 3, 4]) await late(receiveCount);
    expect((await store.readCoverage(scan.id, chunkNumber(0)))?.idle).toBe(3);
    await handler(sqsEvent(record(5)), contextWith(WRITING + 2_500));
    expect((await coverage()).settled).toBeGreaterThan(0);
    expect((await store.readCoverage(scan.id, chunkNumber(0)))?.idle).toBeUndefined();
    for (const receiveCount of [6, 7, 8, 9]) await late(receiveCount);
    expect(kept.counts).not.toHaveProperty('ChunksGivenUp');
  });

  it('says of an IPv6 address that it has no way there, at once, and scans the IPv4 address of the same name', async () => {
    const closed = await closedPort();
    const v6 = { first: '::1' as Address, last: '::1' as Address };
    const policy = { ...POLICY, scope: { ...SCOPE, ranges: [...SCOPE.ranges, v6] } };
    const { handler, store, scan } = await bench(ranges(closed), { policy });
    const range = (address: string) => ({ first: address as Address, last: address as Address });
    const geometry = { ...scan.plan.geometry, addressCount: 2, chunks: 2 };
    const both = {
      ...scan,
      id: freshScanId(),
      plan: { ...scan.plan, addresses: [range(LOOPBACK), range('::1')], geometry },
    };
    await store.createScan(both);
    for (const chunk of [0, 1]) await handler(sqsEvent(sqsRecord({ scanId: both.id, chunk })), PLENTY);
    const verdicts = await Promise.all([0, 1].map((chunk) => store.readCoverage(both.id, chunkNumber(chunk))));
    expect(verdicts.map((each) => each?.runs)).toEqual([
      [[1, 'closed/conn-refused']],
      [[1, 'unprobed/blocked-by-egress']],
    ]);
    expect(verdicts[1]?.tally.sent).toBe(0);
  });

  it('does nothing for a chunk that the scan does not have', async () => {
    const { handler, scan, store } = await bench(ranges(40_001));
    expect(await handler(sqsEvent(sqsRecord({ scanId: scan.id, chunk: 1 })), PLENTY)).toEqual({
      batchItemFailures: [],
    });
    expect(await store.readCoverage(scan.id, chunkNumber(1))).toBeUndefined();
  });

  it('probes nothing that its own policy forbids, whatever the plan says', async () => {
    await using open = await openPort();
    const { handler, record, runs, store, scan } = await bench(ranges(open.port), {
      policy: { ...DEPLOYED_POLICY, scope: SCOPE },
    });
    await handler(sqsEvent(record()), PLENTY);
    expect(await runs()).toEqual([[1, 'unprobed/forbidden']]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([]);
  });

  it('says of port 25 that it cannot get there, and not that the host filters it', async () => {
    const closed = await closedPort();
    const { handler, record, runs } = await bench(ranges(25, closed));
    await handler(sqsEvent(record()), PLENTY);
    expect(await runs()).toEqual([
      [1, 'unprobed/blocked-by-egress'],
      [1, 'closed/conn-refused'],
    ]);
  });
});
