import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeSqliteChunkQueue } from '../../local/sqlite/chunk-queue.ts';
import { type Database, openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import { MIGRATIONS } from '../../local/sqlite/schema.ts';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import { PortfleetError } from '../../shared/domain/errors.ts';
import { chunkNumber, millis } from '../../shared/domain/units.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { sampleFinding, sampleScan, sampleTimingHints } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const freshPath = (): string => join(tempDir(), 'portfleet.db');

/** The errors that work ends with, as "CODE: detail". */
async function errorsOf(work: () => unknown): Promise<string[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof PortfleetError) return error.errors.map(({ code, detail }) => `${code}: ${detail}`);
    throw error;
  }
  return [];
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('The file of the store', () => {
  it('is made with its directories, readable by its owner only', () => {
    const home = tempDir();
    const path = join(home, 'share', 'portfleet', 'portfleet.db');
    const db = openDatabase(path);
    expect(modeOf(join(home, 'share'))).toBe('700');
    expect(modeOf(join(home, 'share', 'portfleet'))).toBe('700');
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(modeOf(file)).toBe('600');
    db.close();
  });

  it('keeps everything when it is closed and opened again', async () => {
    const path = freshPath();
    const scan = sampleScan({ chunks: 2 });
    const first = makeSqliteScanStore(openDatabase(path));
    await first.createScan(scan);
    await first.putFindings(scan.id, chunkNumber(1), [sampleFinding(80)]);
    await first.close();
    const second = makeSqliteScanStore(openDatabase(path));
    expect(await second.readScan(scan.id)).toEqual(scan);
    expect(await second.readFindings(scan.id, chunkNumber(1))).toEqual([sampleFinding(80)]);
    await second.close();
  });

  it('reads verdicts and summaries under the names that an earlier version gave them', async () => {
    const path = freshPath();
    const db = openDatabase(path);
    const scan = sampleScan();
    await makeSqliteScanStore(db).createScan(scan);
    const tally = { asks: 3, answered: 1, answeredRetries: 0, mostAttempts: 2, smoothedRtt: 4 };
    const verdicts = ['unprobed/blocked-by-vantage', 'closed/conn-refused'];
    const codes = deflateRawSync(Uint8Array.of(0, 0, 1)).toString('base64');
    db.prepare('INSERT INTO coverage (scan, chunk, pending, record) VALUES (?, 0, 0, ?)').run(
      scan.id,
      JSON.stringify({ verdicts, codes, tally }),
    );
    const counts = { planned: 3, settled: { 'closed/conn-refused': 1 }, pending: 0, duration: 5 };
    db.prepare('UPDATE scans SET summary = ?').run(
      JSON.stringify({ ...counts, tally, unprobed: { 'unprobed/blocked-by-vantage': 2 }, suspicions: [] }),
    );
    const store = makeSqliteScanStore(db);
    const { asks, ...rest } = tally;
    expect(await store.readCoverage(scan.id, chunkNumber(0))).toEqual({
      chunk: 0,
      runs: [
        [2, 'unprobed/blocked-by-egress'],
        [1, 'closed/conn-refused'],
      ],
      tally: { sent: asks, ...rest },
    });
    expect((await store.readScan(scan.id))?.summary).toEqual({
      ...counts,
      tally: { sent: asks, ...rest },
      unprobed: { 'unprobed/blocked-by-egress': 2 },
      anomalies: [],
    });
    await store.close();
  });

  it('shows to each connection what the others have written, at once', async () => {
    const path = freshPath();
    const [left, right] = [makeSqliteScanStore(openDatabase(path)), makeSqliteScanStore(openDatabase(path))];
    const scan = sampleScan();
    await left.createScan(scan);
    expect(await right.changeStatus(scan.id, 'planned', 'running', scan.submittedAt)).toBe(true);
    expect((await left.readScan(scan.id))?.status).toBe('running');
    await left.close();
    await right.close();
  });

  it('is refused, and left alone, when a newer version has written it', async () => {
    const path = freshPath();
    const db = openDatabase(path);
    db.prepare(`PRAGMA user_version = ${MIGRATIONS.length + 1}`).all();
    db.close();
    const before = readFileSync(path);
    expect(await errorsOf(() => openDatabase(path))).toEqual([
      `STORE_TOO_NEW: The store ${path} has format ${MIGRATIONS.length + 1}; this Portfleet knows formats up to ${MIGRATIONS.length}.`,
    ]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is refused when it is no database', async () => {
    const path = freshPath();
    writeFileSync(path, 'These are the notes of somebody else.\n'.repeat(50));
    expect(await errorsOf(() => openDatabase(path))).toEqual([
      `STORE_UNAVAILABLE: The store ${path} cannot be used: it is not a Portfleet store.`,
    ]);
  });

  it('is named when a directory has its name', async () => {
    const path = freshPath();
    mkdirSync(path);
    expect(await errorsOf(() => openDatabase(path))).toEqual([
      expect.stringContaining(`STORE_UNAVAILABLE: The store ${path} cannot be used`),
    ]);
  });

  it('is named when its directory is a file', async () => {
    const notes = join(tempDir(), 'notes.txt');
    writeFileSync(notes, 'notes');
    const path = join(notes, 'portfleet.db');
    expect(await errorsOf(() => openDatabase(path))).toEqual([
      expect.stringContaining(`STORE_UNAVAILABLE: The store ${path} cannot be used`),
    ]);
  });

  it('is named when it may not be written', async () => {
    const path = freshPath();
    const db = openDatabase(path);
    const store = makeSqliteScanStore(db);
    db.prepare('PRAGMA query_only = ON').all();
    expect(await errorsOf(() => store.createScan(sampleScan()))).toEqual([
      `STORE_UNAVAILABLE: The store ${path} cannot be used: it may not be written.`,
    ]);
    await store.close();
  });

  it('says that a scan is gone to a worker that comes too late to write to it', async () => {
    const store = makeSqliteScanStore(openDatabase(freshPath()));
    const scan = sampleScan();
    await store.createScan(scan);
    await store.deleteScan(scan.id);
    const coverage = { chunk: chunkNumber(0), runs: [[1, 'open/syn-ack']] as const, tally: NO_PROBES };
    for (const write of [
      () => store.putFindings(scan.id, chunkNumber(0), [sampleFinding(80)]),
      () => store.putCoverage(scan.id, coverage),
      () => store.putTimingHints(scan.id, sampleTimingHints()),
      () => store.addToNode(scan.id, { level: 1, index: 0 }, 0, false),
    ]) {
      expect(await errorsOf(write)).toEqual([expect.stringContaining('SCAN_NOT_FOUND')]);
    }
    await store.close();
  });

  it('loses the messages of a scan with the scan', async () => {
    const db = openDatabase(freshPath());
    const store = makeSqliteScanStore(db);
    const scan = sampleScan();
    await store.createScan(scan);
    const queue = makeSqliteChunkQueue(db, scan.id, manualClock());
    await queue.send([{ message: { scanId: scan.id, chunk: chunkNumber(0) }, group: 'a', deduplicationKey: 'a' }]);
    await store.deleteScan(scan.id);
    expect(await queue.depth()).toBe(0);
    await store.close();
  });
});

describe('A full disk', () => {
  /** No page more than there is now: what SQLite then says is what it says of a disk without room. */
  const fill = (db: Database): void => {
    const pages = db.prepare<{ page_count: number }>('PRAGMA page_count').get()?.page_count ?? 0;
    db.prepare(`PRAGMA max_page_count = ${pages}`).all();
  };

  it('says STORE_FULL with the path, and loses nothing that was stored before', async () => {
    const path = freshPath();
    const db = openDatabase(path);
    const store = makeSqliteScanStore(db);
    const scan = sampleScan({ status: 'running' });
    await store.createScan(scan);
    fill(db);
    const stored: number[] = [];
    const flood = async (): Promise<void> => {
      for (let port = 1; port <= 65_535; port++) {
        await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(port)]);
        stored.push(port);
      }
    };
    expect(await errorsOf(flood)).toEqual([`STORE_FULL: The disk that holds ${path} is full.`]);
    expect(stored.length).toBeGreaterThan(0);

    const findings = await store.readFindings(scan.id, chunkNumber(0));
    expect(findings.map(({ port }) => Number(port)).sort((a, b) => a - b)).toEqual(stored);
    // With room again, the same connection goes on.
    db.prepare('PRAGMA max_page_count = 1000000').all();
    await store.putFindings(scan.id, chunkNumber(0), [sampleFinding(65_535)]);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toHaveLength(stored.length + 1);
    await store.close();
  });

  it('takes all of a write or nothing', async () => {
    const db = openDatabase(freshPath());
    const store = makeSqliteScanStore(db);
    const scan = sampleScan();
    await store.createScan(scan);
    fill(db);
    const many = Array.from({ length: 5_000 }, (_, at) => sampleFinding(at + 1));
    expect(await errorsOf(() => store.putFindings(scan.id, chunkNumber(0), many))).toHaveLength(1);
    expect(await store.readFindings(scan.id, chunkNumber(0))).toEqual([]);
    await store.close();
  });

  it('leaves the queue as it was', async () => {
    const db = openDatabase(freshPath());
    const scan = sampleScan();
    const queue = makeSqliteChunkQueue(db, scan.id, manualClock());
    const outgoing = (chunk: number) => ({
      message: { scanId: scan.id, chunk: chunkNumber(chunk) },
      group: `${chunk}`,
      deduplicationKey: `${chunk}`,
    });
    await queue.send([outgoing(0)]);
    fill(db);
    const many = Array.from({ length: 900 }, (_, at) => outgoing(at + 1));
    expect(await errorsOf(() => queue.send(many))).toEqual([expect.stringContaining('STORE_FULL')]);
    expect(await queue.depth()).toBe(1);
    const [delivery] = await queue.receive(1, millis(1_000));
    expect(delivery?.message.chunk).toBe(0);
    db.close();
  });
});
