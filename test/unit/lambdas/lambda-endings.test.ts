import { describe, expect, it } from 'vitest';
import { makeHandler as makeAggregator } from '../../../lambdas/aggregator/handler.ts';
import { makeHandler as makeDeadLetter } from '../../../lambdas/dead-letter/handler.ts';
import { fleetOf } from '../../../lambdas/deployed-fleet.ts';
import { makeHandler as makeSplitter } from '../../../lambdas/splitter/handler.ts';
import { NO_PROBES } from '../../../shared/domain/coverage.ts';
import { errorValue, PortfleetError } from '../../../shared/domain/errors.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { chunkNumber } from '../../../shared/domain/units.ts';
import { NO_USAGE } from '../../../shared/domain/usage.ts';
import type { Outgoing } from '../../../shared/seams/chunk-queue.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { completeChunk } from '../../../shared/usecases/complete-chunk.ts';
import { readReport } from '../../../shared/usecases/read-report.ts';
import { sqsEvent, sqsRecord, streamRecord } from '../../helpers/lambda/events.ts';
import { keepWords } from '../../helpers/lambda/quiet.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { freshScanId, sampleFinding, sampleScan } from '../../helpers/sample-scan.ts';

const clock = manualClock();

async function storeWith(...scans: Scan[]): Promise<ScanStore> {
  const store = makeMemoryScanStore();
  for (const scan of scans) await store.createScan(scan);
  return store;
}

describe('The dead-letter function', () => {
  it('ends a chunk that failed for good: what it had settled stays, and the scan is told of the rest', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    const [settled, pending] = [60_000, 5_535];
    await store.putCoverage(scan.id, {
      chunk: chunkNumber(0),
      runs: [
        [settled, 'closed/conn-refused'],
        [pending, 'pending'],
      ],
      tally: NO_PROBES,
    });
    const kept = keepWords();
    const handler = makeDeadLetter({ store, clock, ...kept });
    expect(await handler(sqsEvent(sqsRecord({ scanId: scan.id, chunk: 0 })))).toEqual({ batchItemFailures: [] });
    expect((await store.readCoverage(scan.id, chunkNumber(0)))?.runs).toEqual([
      [settled, 'closed/conn-refused'],
      [pending, 'unprobed/chunk-failed'],
    ]);
    expect((await store.readScan(scan.id))?.status).toBe('finalizing');
    expect(kept.counts).toEqual({ ChunksGivenUp: 1 });
  });

  it('forgets what is no message of ours, and a chunk that no scan has', async () => {
    const scan = sampleScan({ chunks: 3, status: 'running' });
    const store = await storeWith(scan);
    const handler = makeDeadLetter({ store, clock, ...keepWords() });
    const nonsense = [
      sqsRecord('nonsense'),
      sqsRecord({ scanId: scan.id, chunk: 3 }),
      sqsRecord({ scanId: freshScanId(), chunk: 0 }),
    ];
    expect(await handler(sqsEvent(...nonsense))).toEqual({ batchItemFailures: [] });
    expect(await store.readNode(scan.id, { level: 1, index: 0 })).toEqual({ done: new Set(), failed: new Set() });
  });

  it('keeps what it cannot write, and everything behind it', async () => {
    const scan = sampleScan({ chunks: 2, status: 'running' });
    const store = await storeWith(scan);
    const down = { ...store, putCoverage: () => Promise.reject(new Error('the table is down')) };
    const records = [0, 1].map((chunk) => sqsRecord({ scanId: scan.id, chunk }));
    const { batchItemFailures } = await makeDeadLetter({ store: down, clock, ...keepWords() })(sqsEvent(...records));
    expect(batchItemFailures).toHaveLength(2);
  });
});

const DOWN = new PortfleetError([errorValue('STORE_UNAVAILABLE', 'The table is down.')]);

describe('The aggregator function', () => {
  it('ends a scan whose chunks have all ended, once, however often it is told', async () => {
    const scan = sampleScan({ status: 'running' });
    const store = await storeWith(scan);
    await store.putCoverage(scan.id, {
      chunk: chunkNumber(0),
      runs: [[65_535, 'filtered/no-response']],
      tally: NO_PROBES,
    });
    await completeChunk({ store, clock }, scan, chunkNumber(0), 'settled');
    const handler = makeAggregator({ store, clock, ...keepWords() });
    await handler({ Records: [streamRecord(scan.id), streamRecord(scan.id)] });
    const ended = await store.readScan(scan.id);
    expect(ended?.status).toBe('complete');
    expect(ended?.summary?.settled).toEqual({ 'filtered/no-response': 65_535 });
    await handler({ Records: [streamRecord(scan.id)] });
    expect(await store.readScan(scan.id)).toEqual(ended);
  });

  it('says where to go on when the table is down', async () => {
    const [first, second] = [sampleScan({ status: 'finalizing' }), sampleScan({ status: 'finalizing' })];
    const store = await storeWith(first, second);
    const readScan = store.readScan;
    store.readScan = (id) => (id === second.id ? Promise.reject(DOWN) : readScan(id));
    const handler = makeAggregator({ store, clock, ...keepWords() });
    const records = [streamRecord('scans', '1'), streamRecord(first.id, '2'), streamRecord(second.id, '3')];
    expect(await handler({ Records: records })).toEqual({ batchItemFailures: [{ itemIdentifier: '3' }] });
    expect((await readScan(first.id))?.status).toBe('complete-with-gaps');
  });

  it('ends a scan that cannot be summed up as failed, with the reason, and what was found stays readable', async () => {
    const scan = sampleScan({ status: 'finalizing' });
    const store = await storeWith(scan);
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(80)]);
    const tooLarge = { ...store, finishScan: () => Promise.reject(new Error('Item size has exceeded the limit')) };
    const handler = makeAggregator({ store: tooLarge, clock, ...keepWords() });
    expect(await handler({ Records: [streamRecord(scan.id)] })).toEqual({ batchItemFailures: [] });
    const ended = await store.readScan(scan.id);
    expect(ended?.status).toBe('failed');
    expect(ended?.failure).toBe('The scan could not be summed up: Item size has exceeded the limit');
    const { hosts } = await readReport({ store, clock }, ended ?? expect.unreachable());
    for await (const host of hosts) expect(host.findings.map(({ port }) => port)).toEqual([80]);
  });
});

describe('The splitter function', () => {
  it('sends the chunks of a range, and has what fails delivered again', async () => {
    const scan = sampleScan({ chunks: 5, status: 'running' });
    const sent: Outgoing[] = [];
    const hidden: [string, number][] = [];
    const handler = makeSplitter({
      store: await storeWith(scan),
      clock: manualClock(),
      fleet: fleetOf(6),
      usage: { over: async () => NO_USAGE },
      activeScans: async () => 1,
      source: { hide: async ({ messageId }, visibility) => void hidden.push([messageId, visibility]) },
      random: () => 0,
      queue: { send: async (messages) => void sent.push(...messages) },
      ranges: { send: async () => expect.unreachable() },
      ...keepWords(),
    });
    const nonsense = sqsRecord({ scanId: scan.id, first: 0 });
    const range = sqsRecord({ scanId: scan.id, first: 1, count: 3, generation: 2 });
    expect(await handler(sqsEvent(nonsense, range))).toEqual({
      batchItemFailures: [{ itemIdentifier: nonsense.messageId }],
    });
    expect(hidden).toEqual([[nonsense.messageId, 8_000]]);
    expect(sent.map(({ message }) => Number(message.chunk))).toEqual([1, 2, 3]);
    expect(new Set(sent.map(({ deduplicationKey }) => deduplicationKey.split('/').at(-1)))).toEqual(
      new Set(['again-2']),
    );
  });
});
