import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unavailable } from './sqlite-errors.ts';

/*
 * The file of the store and its directory, before SQLite touches them. Both are made for this user alone (0600, 0700): a
 * store tells who scanned what.
 */

/** How the file can be opened: `from` is what SQLite is to open, `clear` takes away what was made for it. */
export interface StoreAccess {
  readonly mode: 'write' | 'read';
  readonly from: string;
  readonly clear: () => void;
}

/**
 * Makes the file where there is none, and finds out what may be done with it.
 *
 * @throws PortfleetError STORE_UNAVAILABLE, or what the system says
 */
export function accessStoreFile(path: string): StoreAccess {
  const directory = dirname(path);
  refuseDanglingLink(directory, path);
  makeDirectory(directory);
  if (!statSync(directory).isDirectory()) throw unavailable(path, `${directory} is no directory`, undefined);
  refuseOpenDirectory(directory, path);
  refuseDanglingLink(path, path);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw unavailable(path, 'it is no file', undefined);
  if (!mayWrite(directory)) return readOnly(path);
  makeFile(path);
  if (!mayWrite(path)) return readOnly(path);
  return { mode: 'write', from: path, clear: () => {} };
}

/** Nothing is left of the disk for a file of that path to grow by. */
export function isDiskFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch {
    return false;
  }
}

/** Which file has that name, or undefined where none has: another file under the same name is another store. */
export function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

/**
 * A file that may only be read, or that lies where nothing can be made beside it. SQLite reads it as one that does not
 * change (`immutable`), because it cannot make the shared memory that a file in WAL mode needs. What a process that was
 * killed has left in the log is not in the file yet: then a copy of both is opened.
 */
export function readOnly(path: string): StoreAccess {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (!log || log.size === 0) {
    return { mode: 'read', from: `${pathToFileURL(path).href}?immutable=1`, clear: () => {} };
  }
  const copies = mkdtempSync(join(tmpdir(), 'portfleet-'));
  const from = join(copies, basename(path));
  copyFileSync(path, from);
  copyFileSync(`${path}-wal`, `${from}-wal`);
  return { mode: 'read', from, clear: () => rmSync(copies, { recursive: true, force: true }) };
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** A link to nothing would make SQLite write wherever it points to. */
function refuseDanglingLink(place: string, path: string): void {
  if (!lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() || existsSync(place)) return;
  throw unavailable(path, `${place} is a link to ${readlinkSync(place)}, which is not there`, undefined);
}

/** Where everyone may write, everyone may put another file in the place of ours; with the sticky bit (/tmp) they may not. */
function refuseOpenDirectory(directory: string, path: string): void {
  const { mode } = statSync(directory);
  const [isWritableByAll, isSticky] = [(mode & 0o002) !== 0, (mode & 0o1000) !== 0];
  if (process.platform === 'win32' || !isWritableByAll || isSticky) return;
  throw unavailable(path, `everyone may write to ${directory} (chmod o-w mends it)`, undefined);
}

/**
 * Takes from the group and from everyone what a copy or an old version gave them; only the owner can. Not before the file
 * is known to be ours: under its name there may be a link to any other.
 */
export function tighten(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats && stats.uid === process.getuid?.() && (stats.mode & 0o077) !== 0) chmodSync(file, 0o600);
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
