import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLambdas } from '../../scripts/build-lambdas.mjs';
import { countCoverage } from '../../shared/domain/coverage.ts';
import { CHUNK_VISIBILITY_SECONDS, WORKER_WRITE_SECONDS } from '../../shared/domain/limits.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, millis, type ScanId } from '../../shared/domain/units.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { type AwsBench, startAwsBench } from '../helpers/lambda/aws-bench.ts';
import { deliver, receive, runEventSource } from '../helpers/lambda/event-source.ts';
import { openPort } from '../helpers/ports.ts';

const missing = awsToolsMissing({ java: true, python: true });
if (missing) console.warn(`The bundles of the functions are not run: this ${missing}`);

const WRITING = WORKER_WRITE_SECONDS * 1_000;

/** Less than a second to probe in. */
const A_MOMENT = 950;

describe.skipIf(missing)('Each function, as it is built for Lambda, in a process of its own', () => {
  const bundles = mkdtempSync(join(tmpdir(), 'portfleet-functions-'));
  let started: AwsBench | undefined;
  const bench = (): AwsBench => started ?? expect.unreachable();

  beforeAll(async () => {
    await buildLambdas(bundles);
    started = await startAwsBench({ bundles, scope: '127.0.0.0/8', workers: 2 });
  });
  afterAll(async () => {
    await started?.stop();
    rmSync(bundles, { recursive: true, force: true });
  });

  const scanOf = async (id: ScanId): Promise<Scan> => (await bench().store.readScan(id)) ?? expect.unreachable();
  const coverageOf = async (id: ScanId) =>
    countCoverage((await bench().store.readCoverage(id, chunkNumber(0)))?.runs ?? []);

  /** Works until every chunk has ended, then lets the aggregator end the scan. */
  async function finish(id: ScanId, functions: Parameters<typeof runEventSource>[0]['functions']): Promise<Scan> {
    const source = { client: bench().sqs, queueUrl: bench().urls.chunks, functions };
    await runEventSource(source, async () => (await scanOf(id)).status !== 'running');
    await bench().aggregate(id);
    return scanOf(id);
  }

  it('finds what is open under 1,024 descriptors, and every port is accounted for', async () => {
    await using first = await openPort();
    await using second = await openPort();
    const id = await bench().submit({ targets: ['127.0.0.1'], ports: `2000-5999,${first.port},${second.port}` });
    const functions = await Promise.all([bench().start('worker'), bench().start('worker')]);
    const { status, summary } = await finish(id, functions);
    expect(status).toBe('complete');
    expect(summary?.planned).toBe(4_002);
    expect(Object.values(summary?.settled ?? {}).reduce((sum, count) => sum + count, 0)).toBe(4_002);
    expect(summary?.settled['open/syn-ack']).toBeGreaterThanOrEqual(2);
    const [worker] = functions;
    expect(readFileSync(`/proc/${worker?.pid()}/limits`, 'utf8')).toMatch(/Max open files +1024 +1024/);
  });

  it('goes on in the next invocation when its time is up, as often as it takes, and loses nothing', async () => {
    // 200 a second for 600 ports, in invocations of 400 ms: some eight of them.
    const id = await bench().submit({ targets: ['127.0.0.1'], ports: '2000-2599', rate: 200 });
    const worker = await bench().start('worker', { timeoutMillis: WRITING + 400 });
    const source = { client: bench().sqs, queueUrl: bench().urls.chunks, functions: [worker] };
    const delivered = await runEventSource(source, async () => (await scanOf(id)).status !== 'running');
    expect(delivered.length).toBeGreaterThan(2);
    // Each that settled something was a message of its own; one that the machine gave no turn to is delivered again.
    expect(delivered.filter(({ receiveCount, deleted }) => receiveCount === 1 && deleted).length).toBeGreaterThan(2);
    await bench().aggregate(id);
    expect((await scanOf(id)).summary).toMatchObject({ planned: 600, unprobed: {}, pending: 0 });
  });

  it('is killed at the end of its time, and its chunk is delivered again', async () => {
    const id = await bench().submit({ targets: ['127.0.0.1'], ports: '2000-2099' });
    // A table that takes connections and never answers: the SDK is still waiting when the time is up.
    await using deaf = await openPort((socket) => void socket.resume());
    const stuck = await bench().start('worker', {
      timeoutMillis: 1_500,
      environment: { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${deaf.port}` },
    });
    const record = await receive(bench().sqs, bench().urls.chunks);
    if (!record) return expect.unreachable();
    const { how, deleted } = await deliver(bench().sqs, bench().urls.chunks, stuck, record);
    expect(how).toEqual({ kind: 'timed-out' });
    expect(deleted).toBe(false);
    expect(await receive(bench().sqs, bench().urls.chunks)).toBeUndefined();
    bench().ministack.elapse(millis(CHUNK_VISIBILITY_SECONDS * 1_000));
    const { status, summary } = await finish(id, [await bench().start('worker')]);
    expect(status).toBe('complete');
    expect(summary).toMatchObject({ planned: 100, unprobed: {}, pending: 0 });
  });

  it('may be killed in the middle of a chunk: what was stored stays, and the rest is probed by the next', async () => {
    const id = await bench().submit({ targets: ['127.0.0.1'], ports: '2000-2599', rate: 200 });
    const record = await receive(bench().sqs, bench().urls.chunks);
    if (!record) return expect.unreachable();
    const victim = await bench().start('worker');
    const delivery = deliver(bench().sqs, bench().urls.chunks, victim, record);
    // Its first checkpoint comes after a second, when a third of the chunk is done.
    while ((await coverageOf(id)).settled === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(victim.pid() ?? expect.unreachable(), 'SIGKILL');
    expect((await delivery).how).toEqual({ kind: 'crashed' });
    const { settled, pending } = await coverageOf(id);
    expect([settled > 0, pending > 0, settled + pending]).toEqual([true, true, 600]);

    bench().ministack.elapse(millis(CHUNK_VISIBILITY_SECONDS * 1_000));
    const { status, summary } = await finish(id, [await bench().start('worker')]);
    expect(status).toBe('complete');
    expect(summary).toMatchObject({ planned: 600, unprobed: {}, pending: 0 });
    // The last 400 were asked once: the second worker went on from the checkpoint.
    expect(summary?.tally.sent).toBeLessThan(600 + settled);
  });

  it('gives a chunk up after five deliveries that settled nothing, and the scan ends with its ports named as unprobed', async () => {
    const id = await bench().submit({ targets: ['127.0.0.1'], ports: '2000-2009' });
    // Always too late: not even the time to write is left.
    const late = await bench().start('worker', { timeoutMillis: WRITING - 1_000 });
    const { sqs, urls, ministack } = bench();
    for (let delivery = 1; delivery <= 6; delivery++) {
      const record = await receive(sqs, urls.chunks);
      if (!record) return expect.unreachable();
      const { deleted, receiveCount } = await deliver(sqs, urls.chunks, late, record);
      expect({ deleted, receiveCount }).toEqual({ deleted: delivery === 6, receiveCount: delivery });
      ministack.elapse(millis(CHUNK_VISIBILITY_SECONDS * 1_000));
    }
    expect(await receive(sqs, urls.chunks)).toBeUndefined();
    await bench().aggregate(id);
    const { status, summary } = await scanOf(id);
    expect(status).toBe('complete-with-gaps');
    expect(summary?.unprobed).toEqual({ 'unprobed/chunk-failed': 10 });
  });

  it('works on a chunk over more than sixty deliveries, each by a new process, and ends it right', async () => {
    // One a second, and less than a second to a function: with what is saved up at the start, some three ports a delivery.
    const id = await bench().submit({ targets: ['127.0.0.1'], ports: '2000-2239', rate: 1 });
    const { sqs, urls, ministack } = bench();
    let [deliveries, settled, time] = [0, 0, A_MOMENT];
    while ((await scanOf(id)).status === 'running') {
      const record = await receive(sqs, urls.chunks);
      // A function that this machine gave no turn to has its chunk delivered again, after a pause.
      if (!record) ministack.elapse(millis(CHUNK_VISIBILITY_SECONDS * 1_000));
      else {
        const fresh = await bench().start('worker', { timeoutMillis: WRITING + time });
        await deliver(sqs, urls.chunks, fresh, record);
        await fresh.stop();
        deliveries += 1;
        // A machine so busy that a process gets nothing done in that time would have the chunk given up: the next has more.
        const before = settled;
        settled = (await coverageOf(id)).settled;
        time = settled > before ? A_MOMENT : 2 * time;
      }
      expect(deliveries).toBeLessThan(300);
    }
    expect(deliveries).toBeGreaterThan(60);
    await bench().aggregate(id);
    const { status, summary } = await scanOf(id);
    expect(status).toBe('complete');
    expect(summary).toMatchObject({ planned: 240, unprobed: {}, pending: 0 });
  });

  it('stops working on a scan that was cancelled, within the chunk', async () => {
    const id = await bench().submit({ targets: ['127.0.0.1'], ports: '2000-2099' });
    await bench().store.changeStatus(id, 'running', 'cancelled', (await scanOf(id)).submittedAt);
    const record = await receive(bench().sqs, bench().urls.chunks);
    if (!record) return expect.unreachable();
    const worker = await bench().start('worker');
    expect((await deliver(bench().sqs, bench().urls.chunks, worker, record)).deleted).toBe(true);
    expect(await bench().store.readCoverage(id, chunkNumber(0))).toBeUndefined();
  });
});
