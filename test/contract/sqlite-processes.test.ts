import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeSqliteChunkQueue } from '../../local/sqlite/chunk-queue.ts';
import { type Database, openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, millis } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { coverageOfChunk, findingsOfChunk, sampleScan } from '../helpers/sample-scan.ts';
import type { FromStoreWorker, StoreWorkerOptions } from '../helpers/store-worker.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const WORKER = fileURLToPath(new URL('../helpers/store-worker.ts', import.meta.url));
const LOAD_TYPESCRIPT = fileURLToPath(new URL('../../bench/load-typescript.mjs', import.meta.url));

interface Worker {
  readonly child: ChildProcess;
  readonly told: FromStoreWorker[];
  /** How it ended: 0, another code, or the signal. */
  readonly end: Promise<number | string>;
}

function startWorker(options: StoreWorkerOptions): Worker {
  const child = fork(WORKER, [JSON.stringify(options)], { execArgv: ['--import', LOAD_TYPESCRIPT] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const told: FromStoreWorker[] = [];
  child.on('message', (message) => told.push(message as FromStoreWorker));
  const end = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, told, end };
}

/** What these workers have told of that kind, as soon as it is so many times. */
async function heard<Kind extends FromStoreWorker['kind']>(
  workers: readonly Worker[],
  kind: Kind,
  times: number,
): Promise<Extract<FromStoreWorker, { kind: Kind }>[]> {
  for (;;) {
    const all = workers.flatMap(({ told }) => told);
    const matching = all.filter((each): each is Extract<FromStoreWorker, { kind: Kind }> => each.kind === kind);
    if (matching.length >= times) return matching;
    const more = workers.map(({ child }) => once(child, 'message').then(() => true));
    const over = Promise.all(workers.map(({ end }) => end)).then(() => false);
    if (!(await Promise.race([...more, over]))) throw new Error(`the workers ended before "${kind}"`);
  }
}

/** When all of them are ready, so that they start together. */
async function go(workers: readonly Worker[]): Promise<void> {
  await heard(workers, 'ready', workers.length);
  for (const { child } of workers) child.send('go');
}

/** Nothing comes back by itself within a test. */
const NEVER = millis(3_600_000);

async function submit(db: Database, store: ScanStore, scan: Scan, groupOf: (chunk: number) => string): Promise<void> {
  await store.createScan(scan);
  const outgoing = Array.from({ length: scan.plan.geometry.chunks }, (_, chunk) => ({
    message: { scanId: scan.id, chunk: chunkNumber(chunk) },
    group: groupOf(chunk),
    deduplicationKey: `${scan.id} ${chunk}`,
  }));
  await makeSqliteChunkQueue(db, scan.id, systemClock).send(outgoing);
}

/** A file with its tables, and the store of this process over it. */
function openStore(): { db: Database; store: ScanStore } {
  const db = openDatabase(join(tempDir(), 'portfleet.db'));
  const store = makeSqliteScanStore(db);
  onTestFinished(() => store.close());
  db.prepare('CREATE TABLE groups_at_work (name TEXT PRIMARY KEY)').run();
  return { db, store };
}

async function expectEverythingOf(scan: Scan, db: Database, store: ScanStore): Promise<void> {
  for (let number = 0; number < scan.plan.geometry.chunks; number++) {
    const chunk = chunkNumber(number);
    const findings = await store.readFindings(scan.id, chunk);
    expect([...findings].sort((a, b) => a.port - b.port)).toEqual(findingsOfChunk(chunk));
    expect(await store.readCoverage(scan.id, chunk)).toEqual(coverageOfChunk(chunk));
  }
  expect((await store.readScan(scan.id))?.status).toBe('finalizing');
  expect(await makeSqliteChunkQueue(db, scan.id, systemClock).depth()).toBe(0);
}

const finishers = (workers: readonly Worker[]): number =>
  workers.flatMap(({ told }) => told).filter((each) => each.kind === 'ended' && each.finished).length;

describe('Several processes over one file', () => {
  it('never work on one group at once, even for two scans, and finish each scan once', async () => {
    const { db, store } = openStore();
    const scans = [40, 20].map((chunks) => sampleScan({ status: 'running', chunks }));
    for (const scan of scans) await submit(db, store, scan, (chunk) => `lane ${chunk % 4}`);
    const [long, short] = scans.map(({ id }) => ({
      path: db.path,
      scan: id,
      visibility: NEVER,
      watchGroups: true,
      holdsFirst: false,
    }));
    if (!long || !short) return expect.unreachable();

    const workers = [long, long, short].map(startWorker);
    await go(workers);
    expect(await Promise.all(workers.map(({ end }) => end))).toEqual([0, 0, 0]);
    expect(finishers(workers)).toBe(2);
    expect(workers.flatMap(({ told }) => told).filter(({ kind }) => kind === 'ended')).toHaveLength(60);
    for (const scan of scans) await expectEverythingOf(scan, db, store);
  });

  it('lose nothing when some of them are killed, one with a half-written chunk in its hands', async () => {
    const { db, store } = openStore();
    const scan = sampleScan({ status: 'running', chunks: 120 });
    await submit(db, store, scan, (chunk) => `group ${chunk}`);
    const options = { path: db.path, scan: scan.id, visibility: NEVER, watchGroups: false, holdsFirst: false };
    const holding = startWorker({ ...options, holdsFirst: true });
    // What this one holds when it is killed, nobody knows: it has to come back by itself.
    const interrupted = startWorker({ ...options, visibility: millis(300) });
    const workers = [startWorker(options), startWorker(options), interrupted, holding];

    await go([holding]);
    const [held] = await heard([holding], 'holding', 1);
    await go([...workers].filter((each) => each !== holding));
    // Wherever it is by then: between two writes, or within one.
    await heard(workers, 'ended', 20);
    interrupted.child.kill('SIGKILL');
    expect(await interrupted.end).toBe('SIGKILL');
    holding.child.kill('SIGKILL');
    if (held) await makeSqliteChunkQueue(db, scan.id, systemClock).release(held.delivery);

    expect(await Promise.all(workers.map(({ end }) => end))).toEqual([0, 0, 'SIGKILL', 'SIGKILL']);
    // The one that was interrupted may have finished the scan with its last breath, and not have said so.
    expect(finishers(workers)).toBeLessThanOrEqual(1);
    await expectEverythingOf(scan, db, store);
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([expect.objectContaining({ integrity_check: 'ok' })]);
  });

  it('wait for the one that is just making it', async () => {
    const path = join(tempDir(), 'portfleet.db');
    const maker = spawn(process.execPath, ['-e', MAKE_SLOWLY, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void maker.kill('SIGKILL'));
    await once(maker.stdout, 'data');
    openDatabase(path).close();
    expect(await once(maker, 'exit')).toEqual([0, null]);
  });
});

/**
 * Has the file, not yet WAL, locked for writing; in that state SQLite refuses to turn it to WAL at once, without its
 * busy timeout. The one that waits cannot let it go on, since it waits without turns of its event loop: hence a timer.
 */
const MAKE_SLOWLY = `
  const db = new (require('libsql'))(process.argv[1]);
  db.exec('BEGIN IMMEDIATE');
  console.log('locked');
  setTimeout(() => { db.exec('COMMIT'); db.close(); }, 100);
`;
