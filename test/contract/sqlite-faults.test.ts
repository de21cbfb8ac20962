import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { describe, expect, it } from 'vitest';
import { makeSqliteChunkQueue } from '../../local/sqlite/chunk-queue.ts';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { takeLease } from '../../local/sqlite/scan-lease.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import { makeSqliteWatchStore } from '../../local/sqlite/watch-store.ts';
import { PortfleetError } from '../../shared/domain/errors.ts';
import { chunkNumber, millis, type ScanId } from '../../shared/domain/units.ts';
import { removeWatch } from '../../shared/usecases/manage-watches.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { coverageOfChunk, sampleScan } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const freshPath = (): string => join(tempDir(), 'portfleet.db');

async function codesOf(work: () => unknown): Promise<string[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof PortfleetError) return error.errors.map(({ code }) => code);
    throw error;
  }
  return [];
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A database that another program has made, closed. */
function foreignDatabase(sql: string): string {
  const path = freshPath();
  const db = new Sqlite(path);
  db.exec(sql);
  db.close();
  return path;
}

describe('A file that is not ours', () => {
  it.each([
    ['with a table of notes', 'CREATE TABLE notes (text)'],
    ['with a table that is also called scans', 'CREATE TABLE scans (id TEXT PRIMARY KEY, target TEXT)'],
    ['with an application id of its own', 'PRAGMA application_id = 252006674; CREATE TABLE event (uri)'],
    ['with nothing but a version', 'PRAGMA user_version = 1'],
  ])('%s is refused, and not a byte of it changes', async (_, sql) => {
    const path = foreignDatabase(sql);
    const before = readFileSync(path);
    expect(await codesOf(() => openDatabase(path))).toEqual(['STORE_FOREIGN']);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('is told apart from a store that an earlier version made, which is opened and marked', () => {
    const path = freshPath();
    openDatabase(path).close();
    const raw = new Sqlite(path);
    raw.exec('PRAGMA application_id = 0');
    raw.close();
    openDatabase(path).close();
    const again = new Sqlite(path);
    expect(again.prepare('PRAGMA application_id').get()).toMatchObject({ application_id: 0x50464c54 });
    again.close();
  });
});

describe('A store that is damaged', () => {
  it('names the table that is missing', async () => {
    const path = freshPath();
    openDatabase(path).close();
    const raw = new Sqlite(path);
    raw.exec('DROP TABLE findings');
    raw.close();
    const db = openDatabase(path);
    await expect(async () => makeSqliteScanStore(db)).rejects.toThrow(/it is damaged: no such table: findings/);
    db.close();
  });

  it.each<[what: string, sql: string, said: RegExp]>([
    [
      'a view in the place of a table',
      'ALTER TABLE findings RENAME TO others; CREATE VIEW findings AS SELECT * FROM others',
      /it is damaged: cannot modify findings because it is a view/,
    ],
    ['a format that was never there', 'PRAGMA user_version = -1', /it is damaged: duplicate column name/],
  ])('says so of %s', async (_, sql, said) => {
    const path = freshPath();
    openDatabase(path).close();
    const raw = new Sqlite(path);
    raw.exec(sql);
    raw.close();
    await expect(async () => makeSqliteScanStore(openDatabase(path))).rejects.toThrow(said);
  });

  it.each<[what: string, damage: (fixed: Record<string, unknown>, plan: Record<string, unknown>) => void]>([
    ['10¹² chunks', (_, plan) => Object.assign(plan['geometry'] as object, { chunks: 1e12 })],
    ['chunks and a half', (_, plan) => Object.assign(plan['geometry'] as object, { chunks: 1.5 })],
    ['fewer chunks than none', (_, plan) => Object.assign(plan['geometry'] as object, { chunks: -5 })],
    ['addresses that are numbers', (_, plan) => Object.assign(plan, { addresses: [1] })],
    ['a name that is an object', (fixed) => Object.assign(fixed, { label: { x: 1 } })],
    ['hosts without addresses', (fixed) => Object.assign(fixed, { names: [{ name: 'a' }] })],
  ])('lists the other scans where one has %s', async (_, damage) => {
    const db = openDatabase(freshPath());
    const damaged: string[] = [];
    const store = makeSqliteScanStore(db, ({ code }) => damaged.push(code));
    const [bad, good] = [sampleScan(), sampleScan()];
    for (const scan of [bad, good]) await store.createScan(scan);
    const row = db.prepare<{ plan: string }>('SELECT plan FROM scans WHERE id = ?').get(bad.id);
    const fixed = JSON.parse(row?.plan ?? '') as Record<string, unknown>;
    damage(fixed, fixed['plan'] as Record<string, unknown>);
    db.prepare('UPDATE scans SET plan = ? WHERE id = ?').run(JSON.stringify(fixed), bad.id);
    expect((await store.listScans({ limit: 10 })).items.map(({ id }) => id)).toEqual([good.id]);
    expect(damaged).toEqual(['SCAN_DAMAGED']);
    expect(await codesOf(() => store.readScan(bad.id))).toEqual(['SCAN_DAMAGED']);
    await store.close();
  });

  it.each<[first: string, last: string, told: string]>([
    ['10.0.0.1', '10.0.0.999', '"10.0.0.999" in it is no address'],
    ['example.test', '10.0.0.1', '"example.test" in it is no address'],
    [`${'9'.repeat(5_000)}\u001b[2J`, '::1', 'in it is no address'],
    ['10.0.0.9', '10.0.0.1', '"10.0.0.9-10.0.0.1" in it is no range'],
    ['10.0.0.9', '::1', '"10.0.0.9-::1" in it is no range'],
  ])('says of a plan that goes from %s to %s which text is no address', async (first, last, told) => {
    const db = openDatabase(freshPath());
    const store = makeSqliteScanStore(db);
    const scan = sampleScan();
    await store.createScan(scan);
    const row = db.prepare<{ plan: string }>('SELECT plan FROM scans WHERE id = ?').get(scan.id);
    const fixed = JSON.parse(row?.plan ?? '') as { plan: object };
    Object.assign(fixed.plan, { addresses: [{ first, last }] });
    db.prepare('UPDATE scans SET plan = ? WHERE id = ?').run(JSON.stringify(fixed), scan.id);
    const error = await store.readScan(scan.id).catch((thrown: unknown) => thrown);
    const [{ code, detail } = { code: '', detail: '' }] = error instanceof PortfleetError ? error.errors : [];
    expect([code, detail]).toEqual(['SCAN_DAMAGED', expect.stringContaining(told)]);
    expect(detail.length).toBeLessThan(400);
    await store.close();
  });

  it.each(['no JSON at all', '{}', 'null', '{"request":{},"plan":{}}'])(
    'lists the other scans where one plan is %s',
    async (plan) => {
      const db = openDatabase(freshPath());
      const damaged: string[] = [];
      const store = makeSqliteScanStore(db, ({ code, detail }) => damaged.push(`${code}: ${detail}`));
      const scans = [sampleScan(), sampleScan(), sampleScan()];
      for (const scan of scans) await store.createScan(scan);
      const bad = scans[1]?.id ?? '';
      db.prepare('UPDATE scans SET plan = ? WHERE id = ?').run(plan, bad);
      const { items, cursor } = await store.listScans({ limit: 10 });
      expect(items.map(({ id }) => id).sort()).toEqual([scans[0]?.id, scans[2]?.id].sort());
      expect(cursor).toBeNull();
      expect(damaged).toEqual([expect.stringMatching(`SCAN_DAMAGED: Of scan ${bad}, the plan cannot be read`)]);
      expect(await codesOf(() => store.readScan(bad as ScanId))).toEqual(['SCAN_DAMAGED']);
      await store.close();
    },
  );

  it.each<[column: string, value: string | number]>([
    ['status', 'boo'],
    ['submitted_at', 'boo'],
    ['finished_at', -1],
    ['summary', '{}'],
    ['summary', '[]'],
    ['plan', '{"request":{"targets":[]},"names":[],"plan":{}}'],
  ])(
    'lists the other scans where the %s of one is %j, and tells of that one whoever asks for it',
    async (column, value) => {
      const db = openDatabase(freshPath());
      const damaged: string[] = [];
      const store = makeSqliteScanStore(db, ({ code }) => damaged.push(code));
      const [bad, good] = [sampleScan(), sampleScan()];
      for (const scan of [bad, good]) await store.createScan(scan);
      db.prepare(`UPDATE scans SET ${column} = ? WHERE id = ?`).run(value, bad.id);
      expect((await store.listScans({ limit: 10 })).items.map(({ id }) => id)).toEqual([good.id]);
      expect(damaged).toEqual(['SCAN_DAMAGED']);
      expect(await codesOf(() => store.listScans({ limit: 2, prefix: bad.id }))).toEqual(['SCAN_DAMAGED']);
      await store.close();
    },
  );

  it.each(['x', '{}', 'null', '{"verdicts":["boo"],"codes":"AAAA","tally":{}}'])(
    'says of a record of coverage that is %s which it is',
    async (record) => {
      const db = openDatabase(freshPath());
      const store = makeSqliteScanStore(db);
      const scan = sampleScan();
      await store.createScan(scan);
      await store.putCoverage(scan.id, coverageOfChunk(chunkNumber(0)));
      db.prepare('UPDATE coverage SET record = ?').run(record);
      await expect(store.readCoverage(scan.id, chunkNumber(0))).rejects.toMatchObject({
        errors: [{ code: 'SCAN_DAMAGED', detail: expect.stringContaining('the coverage of chunk 0 cannot be read') }],
      });
      await store.close();
    },
  );

  it.each(['x', '{}', '{"spec":{"name":"bad"}}'])(
    'lists the other watches where one is %s, and removes that one',
    async (record) => {
      const db = openDatabase(freshPath());
      const damaged: string[] = [];
      const watches = makeSqliteWatchStore(db, ({ code, detail }) => damaged.push(`${code} ${detail}`));
      const [good, bad] = [sampleWatch({ spec: { name: 'good' } }), sampleWatch({ spec: { name: 'bad' } })];
      for (const watch of [good, bad]) await watches.createWatch(watch);
      db.prepare('UPDATE watches SET record = ? WHERE id = ?').run(record, bad.id);
      const names = async (): Promise<string[]> => {
        const listed: string[] = [];
        for await (const { spec } of watches.listWatches()) listed.push(spec.name);
        return listed;
      };
      expect([await names(), await names()]).toEqual([['good'], ['good']]);
      expect(damaged).toEqual([
        expect.stringMatching(`WATCH_DAMAGED What is stored of the watch ${bad.id} cannot be read`),
      ]);
      expect(await codesOf(() => watches.readWatch(bad.id))).toEqual(['WATCH_DAMAGED']);
      await removeWatch(bad.id, { watches });
      expect(await watches.readWatch(bad.id)).toBeUndefined();
      db.close();
    },
  );

  it('pages on behind a page whose every row is damaged', async () => {
    const db = openDatabase(freshPath());
    const store = makeSqliteScanStore(db);
    const ids = Array.from({ length: 5 }, () => sampleScan()).map((scan) => scan);
    for (const scan of ids) await store.createScan(scan);
    const newest = ids
      .map(({ id }) => id)
      .sort()
      .reverse();
    for (const id of newest.slice(0, 2)) db.prepare("UPDATE scans SET plan = '' WHERE id = ?").run(id);
    const first = await store.listScans({ limit: 2 });
    expect(first.items).toEqual([]);
    const second = await store.listScans({ limit: 10, ...(first.cursor && { cursor: first.cursor }) });
    expect(second.items.map(({ id }) => id)).toEqual(newest.slice(2));
    await store.close();
  });
});

/** Writes a file beside that path, and gives its name. */
function writeOther(path: string): string {
  writeFileSync(`${path}.other`, '');
  return `${path}.other`;
}

describe('A store that is taken away while it is open', () => {
  it.each([
    ['deleted', (path: string) => rmSync(path)],
    ['deleted with its directory', (path: string) => rmSync(join(path, '..'), { recursive: true })],
    ['moved', (path: string) => renameSync(path, `${path}.old`)],
    ['replaced', (path: string) => renameSync(writeOther(path), path)],
  ])('is missed by the next heartbeat when it was %s', async (_, harm) => {
    const path = freshPath();
    const db = openDatabase(path);
    const scan = sampleScan();
    await makeSqliteScanStore(db).createScan(scan);
    const lease = takeLease(db, scan.id, process.pid, manualClock());
    lease.heartbeat();
    harm(path);
    expect(await codesOf(() => lease.heartbeat())).toEqual(['STORE_GONE']);
    db.close();
  });
});

describe('A link', () => {
  it.each(['file', 'directory'])(
    'to nothing is refused as the %s of the store, and nothing is made behind it',
    async (kind) => {
      const [home, outside] = [tempDir(), join(tempDir(), 'elsewhere')];
      const data = join(home, 'data');
      if (kind === 'directory') symlinkSync(outside, data);
      else {
        mkdirSync(data);
        symlinkSync(outside, join(data, 'portfleet.db'));
      }
      expect(await codesOf(() => openDatabase(join(data, 'portfleet.db')))).toEqual(['STORE_UNAVAILABLE']);
      expect(existsSync(outside)).toBe(false);
    },
  );

  it('to a directory that is there is followed', () => {
    const [home, outside] = [tempDir(), tempDir()];
    symlinkSync(outside, join(home, 'data'));
    openDatabase(join(home, 'data', 'portfleet.db')).close();
    expect(existsSync(join(outside, 'portfleet.db'))).toBe(true);
  });
});

describe('Permissions', () => {
  it('of a file that is not ours stay as they are, also where a link gives it our name', async () => {
    const directory = tempDir();
    const [other, path] = [join(directory, 'other.txt'), join(directory, 'portfleet.db')];
    writeFileSync(other, 'not a database, and 100 bytes long '.repeat(3), { mode: 0o644 });
    symlinkSync(other, path);
    expect(await codesOf(() => openDatabase(path))).toEqual(['STORE_UNAVAILABLE']);
    expect(modeOf(other)).toBe('644');
    rmSync(path);
    const foreign = new Sqlite(path);
    foreign.exec('CREATE TABLE scans (id TEXT)');
    foreign.close();
    chmodSync(path, 0o640);
    expect(await codesOf(() => openDatabase(path))).toEqual(['STORE_FOREIGN']);
    expect(modeOf(path)).toBe('640');
  });

  it('to what is no file are refused', async () => {
    const path = freshPath();
    mkdirSync(path);
    expect(await codesOf(() => openDatabase(path))).toEqual(['STORE_UNAVAILABLE']);
  });

  it('that are too wide are taken back', () => {
    const path = freshPath();
    openDatabase(path).close();
    chmodSync(path, 0o644);
    openDatabase(path).close();
    expect(modeOf(path)).toBe('600');
  });

  it('that let everyone put another file in its place are refused', async () => {
    const directory = join(tempDir(), 'open');
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    expect(await codesOf(() => openDatabase(join(directory, 'portfleet.db')))).toEqual(['STORE_UNAVAILABLE']);
    expect(existsSync(join(directory, 'portfleet.db'))).toBe(false);
  });
});

/** Only root may become another user, whom permissions hold. */
describe.skipIf(process.getuid?.() !== 0)('A store that may only be read (as another user; needs root)', () => {
  const NOBODY = 65_534;

  /** What a process of that user finds in the list, and what a write of it ends with. */
  const asNobody = (path: string) =>
    spawnSync(
      process.execPath,
      ['--no-warnings', '--import', './bench/load-typescript.mjs', 'test/helpers/read-store.mjs', path],
      {
        uid: NOBODY,
        gid: NOBODY,
        encoding: 'utf8',
        // What Node keeps for itself is not this user's to write.
        env: { PATH: process.env['PATH'] },
      },
    );

  async function sharedStore(close: boolean): Promise<{ path: string; id: ScanId }> {
    const directory = tempDir();
    const path = join(directory, 'portfleet.db');
    const store = makeSqliteScanStore(openDatabase(path));
    const scan = sampleScan();
    await store.createScan(scan);
    if (close) await store.close();
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      if (!existsSync(file)) continue;
      chownSync(file, NOBODY, NOBODY);
      chmodSync(file, 0o400);
    }
    chmodSync(directory, 0o555);
    return { path, id: scan.id };
  }

  it.each([true, false])('is listed, and a write to it is refused in words (closed before: %s)', async (close) => {
    const { path, id } = await sharedStore(close);
    const { stdout, stderr } = asNobody(path);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ listed: [id], written: ['STORE_UNAVAILABLE'] });
  });
});

describe('A clock that was ahead when a process was killed', () => {
  const HOUR = 3_600_000;
  const message = (id: ScanId) => ({
    message: { scanId: id, chunk: chunkNumber(0) },
    group: 'lane of 192.0.2.1',
    deduplicationKey: `${id}.0`,
  });

  it('closes no lane to later scans once it is set back', async () => {
    const db = openDatabase(freshPath());
    const [clock, bounds] = [manualClock(), { longestVisibility: millis(8_000) }];
    const [first, second] = [sampleScan(), sampleScan()];
    clock.advance(millis(HOUR));
    const ahead = clock.wall();
    const queue = makeSqliteChunkQueue(db, first.id, { wall: () => ahead }, bounds);
    await queue.send([message(first.id)]);
    expect(await queue.receive(1, millis(8_000))).toHaveLength(1);
    const now = { wall: () => (ahead - HOUR) as typeof ahead };
    const later = makeSqliteChunkQueue(db, second.id, now, bounds);
    await later.send([message(second.id)]);
    expect(await later.receive(1, millis(8_000))).toHaveLength(1);
    const resumed = makeSqliteChunkQueue(db, first.id, now, bounds);
    expect(await resumed.receive(1, millis(8_000))).toHaveLength(0);
    db.close();
  });

  it('keeps no scan for a process that only lives by its number', async () => {
    const db = openDatabase(freshPath());
    const scan = sampleScan();
    await makeSqliteScanStore(db).createScan(scan);
    const clock = manualClock();
    const ahead = (clock.wall() + HOUR) as ReturnType<typeof clock.wall>;
    // The process with number 1 always lives, and never ran this scan.
    takeLease(db, scan.id, 1, { wall: () => ahead });
    expect(await codesOf(() => takeLease(db, scan.id, process.pid, clock))).toEqual([]);
    db.close();
  });
});
