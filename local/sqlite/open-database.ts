import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Libsql from 'libsql';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { MIGRATIONS } from './schema.ts';
import { isBusy, storeError, unavailable } from './sqlite-errors.ts';

export type SqlValue = string | number | null;

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
  library ??= createRequire(import.meta.url)('libsql') as typeof Libsql;
  return library;
}

/**
 * Opens the file, makes it (0600, in a directory 0700: it tells who scanned what) where there is none, and brings its
 * tables up to date. Any number of processes may do so at once.
 *
 * @throws PortfleetError STORE_UNAVAILABLE, STORE_FULL, STORE_TOO_NEW
 */
export function openDatabase(path: string): Database {
  const connection = guarded(path, () => {
    makeDirectory(dirname(path));
    makeFile(path);
    const Sqlite = loadSqlite();
    return new Sqlite(path, { timeout: BUSY_TIMEOUT });
  });
  const database = wrap(connection, path);
  try {
    patiently(() => prepareFile(connection, database));
    return database;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Never touches a file that is there: closing a second descriptor of it would drop the locks that SQLite holds for this
 * whole process (POSIX), and with them the safety of the file.
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Like `mkdirSync` with `recursive`, which never returns where the parent exists and still nothing can be made in it
 * (/proc): Node takes the ENOENT for a missing parent, for ever.
 */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  if (!existsSync(dirname(path))) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process of this user may have been first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Every failure while opening means that the store cannot be used, whatever the system calls it. */
function guarded<Value>(path: string, open: () => Value): Value {
  try {
    return open();
  } catch (error) {
    const known = storeError(error, path);
    throw known instanceof PortfleetError ? known : unavailable(path, String((error as Error).message), error);
  }
}

function wrap(connection: Libsql.Database, path: string): Database {
  const told = <Value>(work: () => Value): Value => {
    try {
      return work();
    } catch (error) {
      throw storeError(error, path);
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
    close: () => connection.close(),
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
  const version = database.prepare<{ user_version: number }>('PRAGMA user_version');
  const versionNow = (): number => version.get()?.user_version ?? 0;
  refuseNewer(versionNow(), database.path);
  // WAL: readers never wait for the writer. NORMAL: a crash of the process loses nothing; a power cut may take the
  // last transactions, never the file, and whatever they said is asked again on resume.
  database.prepare('PRAGMA journal_mode = WAL').all();
  database.prepare('PRAGMA synchronous = NORMAL').all();
  database.prepare('PRAGMA foreign_keys = ON').all();
  if (versionNow() === MIGRATIONS.length) return;
  database.immediate(() => {
    // Read again: another process may have been first.
    const from = versionNow();
    refuseNewer(from, database.path);
    for (const step of MIGRATIONS.slice(from)) connection.exec(step);
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function refuseNewer(version: number, path: string): void {
  if (version <= MIGRATIONS.length) return;
  const detail = `The store ${path} has format ${version}; this Portfleet knows formats up to ${MIGRATIONS.length}.`;
  throw new PortfleetError([errorValue('STORE_TOO_NEW', detail)]);
}
