import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Libsql from 'libsql';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { leaveRoomForSqlite } from '../descriptor-limit.ts';
import { MIGRATIONS } from './schema.ts';
import { isBusy, storeError, unavailable } from './sqlite-errors.ts';
import { accessStoreFile, identityOf, isDiskFull, readOnly, type StoreAccess, tighten } from './store-file.ts';

export type SqlValue = string | number | Buffer | null;

/** A prepared statement whose rows have the shape that its writer says. */
export interface Statement<Row> {
  /** The number of rows changed. */
  run(...values: readonly SqlValue[]): number;
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): Row[];
}

/** One connection to the file. Every failure of the file is a `PortfleetError` that names it. */
export interface Database {
  readonly path: string;
  prepare<Row = unknown>(sql: string): Statement<Row>;
  /** All of `work` or nothing, and no other process writes in between: what it reads is still so when it writes. */
  immediate<Value>(work: () => Value): Value;
  /**
   * What was written since the file was deleted, or replaced by another one, is in no file that can be found again.
   *
   * @throws PortfleetError STORE_GONE
   */
  refuseGone(): void;
  close(): void;
}

/**
 * How long a writer waits for the others. The longest transaction is a batch of 1,000 messages, some 10 ms; with eight
 * workers waiting in turn, 5 s are passed only when a process was stopped in the middle of one.
 */
const BUSY_TIMEOUT = 5_000;

let library: typeof Libsql | undefined;

/**
 * Loads the native library, which takes some 20 ms: not before it is needed, because a command has processes to start
 * first, and does not always open a store; ahead of the need, where a process waits for something else.
 */
export function loadSqlite(): typeof Libsql {
  library ??= withoutReports(() => createRequire(import.meta.url)('libsql') as typeof Libsql);
  return library;
}

/**
 * libsql has Node write a whole diagnostic report (11 ms, and more with many network interfaces), of which it reads
 * whether the system's C library is glibc. That is told here, where there is the loader of the one and not of the other.
 */
function withoutReports<Value>(load: () => Value): Value {
  const { report } = process;
  const isGlibc = LOADERS.some(({ glibc, musl }) => existsSync(glibc) && !existsSync(musl));
  if (!isGlibc || report === undefined) return load();
  const { getReport } = report;
  report.getReport = () => ({ header: { glibcVersionRuntime: 'told by its loader' } });
  try {
    return load();
  } finally {
    report.getReport = getReport;
  }
}

/** Where the ABI of each processor has its dynamic loader. Alpine may have both: then the report is asked. */
const LOADERS = [
  { glibc: '/lib64/ld-linux-x86-64.so.2', musl: '/lib/ld-musl-x86_64.so.1' },
  { glibc: '/lib/ld-linux-aarch64.so.1', musl: '/lib/ld-musl-aarch64.so.1' },
];

/**
 * Opens the file, makes it where there is none, and brings its tables up to date. Any number of processes may do so at
 * once. A file that may only be read, or whose disk is full, is opened for reading; a file of another program is never
 * written to.
 *
 * @throws PortfleetError STORE_UNAVAILABLE, STORE_FULL, STORE_TOO_NEW, STORE_FOREIGN, TOO_FEW_DESCRIPTORS
 */
export function openDatabase(path: string): Database {
  leaveRoomForSqlite();
  const access = guarded(path, () => accessStoreFile(path));
  try {
    return openAs(path, access, onFullDisk(path));
  } catch (error) {
    if (access.mode === 'read' || !isFullError(error)) throw error;
    return readOnFullDisk(path, error);
  }
}

/** SQLite cannot make the memory that it shares with others, or grow its log, and calls that an error of the disk. */
const onFullDisk =
  (path: string) =>
  (code: string): boolean =>
    code.startsWith('SQLITE_IOERR') && isDiskFull(path);

const isFullError = (error: unknown): boolean =>
  error instanceof PortfleetError && error.errors.some(({ code }) => code === 'STORE_FULL');

/** What is stored can be read all the same; a write is refused because the disk is full. A new store is not made. */
function readOnFullDisk(path: string, error: unknown): Database {
  try {
    return openAs(path, readOnly(path), (code) => code.startsWith('SQLITE_READONLY'));
  } catch {
    throw error;
  }
}

function openAs(path: string, { mode, from, clear }: StoreAccess, isFull: IsFull): Database {
  const connection = guarded(path, () => new (loadSqlite())(from, { timeout: BUSY_TIMEOUT }));
  const database = wrap(connection, path, clear, isFull);
  try {
    patiently(() => (mode === 'write' ? prepareFile(connection, database) : refuseUnreadable(database)));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Does that code of SQLite mean that the disk is full? */
type IsFull = (code: string) => boolean;

/** Every failure while opening means that the store cannot be used, whatever the system calls it. */
function guarded<Value>(path: string, open: () => Value): Value {
  try {
    return open();
  } catch (error) {
    const known = storeError(error, path);
    throw known instanceof PortfleetError ? known : unavailable(path, String((error as Error).message), error);
  }
}

function wrap(connection: Libsql.Database, path: string, clear: () => void, isFull: IsFull): Database {
  const opened = identityOf(path);
  const told = <Value>(work: () => Value): Value => {
    try {
      return work();
    } catch (error) {
      throw storeError(error, path, isFull);
    }
  };
  return {
    path,
    prepare<Row>(sql: string): Statement<Row> {
      const statement = told(() => connection.prepare(sql));
      // Values go in as one array: libsql takes a lone null or object for named parameters, and dies of it.
      return {
        run: (...values) => told(() => statement.run(values).changes),
        get: (...values) => told(() => statement.get(values)) as Row | undefined,
        all: (...values) => told(() => statement.all(values)) as Row[],
      };
    },
    immediate: (work) => told(() => immediate(connection, work)),
    refuseGone() {
      if (identityOf(path) === opened) return;
      throw new PortfleetError([errorValue('STORE_GONE', `The store ${path} is gone, or another file has its name.`)]);
    },
    close() {
      connection.close();
      clear();
    },
  };
}

function immediate<Value>(connection: Libsql.Database, work: () => Value): Value {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    connection.exec('COMMIT');
    return value;
  } catch (error) {
    // SQLite has already rolled back by itself when the disk is full; a second ROLLBACK would hide that error.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/**
 * SQLite does not keep its own busy timeout while a file is turned to WAL, or while the last of the others closes it:
 * it says SQLITE_BUSY at once. Six processes that made a new file together met that in one of eight tries.
 */
function patiently(work: () => void): void {
  const giveUpAt = performance.now() + BUSY_TIMEOUT;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE);
    }
  }
}

/** Milliseconds; making the tables takes some 5 of them. */
const BUSY_PAUSE = 5;

function prepareFile(connection: Libsql.Database, database: Database): void {
  const versionNow = pragma(database, 'user_version');
  const application = pragma(database, 'application_id');
  refuseForeign(database);
  refuseNewer(versionNow(), database.path);
  // WAL: readers never wait for the writer. NORMAL: a crash of the process loses nothing; a power cut may take the
  // last transactions, never the file, and whatever they said is probed again on resume.
  database.prepare('PRAGMA journal_mode = WAL').all();
  database.prepare('PRAGMA synchronous = NORMAL').all();
  database.prepare('PRAGMA foreign_keys = ON').all();
  tighten(database.path);
  if (versionNow() === MIGRATIONS.length && application() === APPLICATION_ID) return;
  database.immediate(() => {
    // Read again: another process may have been first.
    const from = versionNow();
    refuseNewer(from, database.path);
    for (const step of MIGRATIONS.slice(from)) connection.exec(step);
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  });
}

/** A file that cannot be brought up to date can be read only in the format of this version. */
function refuseUnreadable(database: Database): void {
  refuseForeign(database);
  const version = pragma(database, 'user_version')();
  refuseNewer(version, database.path);
  // A copy could be written to, and what was written would be lost.
  database.prepare('PRAGMA query_only = ON').all();
  if (version === MIGRATIONS.length) return;
  throw unavailable(database.path, 'it has an older format, and may not be written to bring it up to date', undefined);
}

/** "PFLT", where SQLite's file format has room for the program that a file belongs to. */
const APPLICATION_ID = 0x50464c54;

const pragma = (database: Database, name: 'user_version' | 'application_id'): (() => number) => {
  const statement = database.prepare<Record<string, number>>(`PRAGMA ${name}`);
  return () => statement.get()?.[name] ?? 0;
};

/** Tables and columns of the first format, whose files did not say yet which program's they are. */
const FIRST_FORMAT = { scans: 'summary', findings: 'seen_at', coverage: 'record', messages: 'deduplication_key' };

/** A file is ours when it says so, when it is empty, or when it is one of the first format. */
function refuseForeign(database: Database): void {
  const application = pragma(database, 'application_id')();
  if (application === APPLICATION_ID) return;
  const tables = database.prepare<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  if (application === 0 && tables.length === 0 && pragma(database, 'user_version')() === 0) return;
  const column = database.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?');
  if (application === 0 && Object.entries(FIRST_FORMAT).every((pair) => column.get(...pair) !== undefined)) return;
  const detail = `The file ${database.path} is a database of another program; nothing was written to it.`;
  throw new PortfleetError([errorValue('STORE_FOREIGN', detail)]);
}

function refuseNewer(version: number, path: string): void {
  if (version <= MIGRATIONS.length) return;
  const detail = `The store ${path} has format ${version}; this Portfleet knows formats up to ${MIGRATIONS.length}.`;
  throw new PortfleetError([errorValue('STORE_TOO_NEW', detail)]);
}
