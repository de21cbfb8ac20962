import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';

/** What SQLite means by its result codes, extended ones (SQLITE_IOERR_WRITE) under the name of their family. */
const WORDS = {
  SQLITE_BUSY: 'another process has kept it locked for too long',
  SQLITE_CANTOPEN: 'it cannot be opened',
  SQLITE_CORRUPT: 'it is damaged',
  SQLITE_IOERR: 'the disk cannot be read or written',
  SQLITE_NOTADB: 'it is not a Portfleet store',
  SQLITE_PERM: 'it may not be opened',
  SQLITE_READONLY: 'it may not be written',
} as const satisfies Record<string, string>;

const WRONG_TABLE =
  /no such (?:table|column): \w+|has no column named \w+|duplicate column name: \w+|(?:table|index) \w+ already exists|cannot modify \w+ because it is a view/;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * The error to throw instead of one that came from the file: STORE_FULL and STORE_UNAVAILABLE, with the path. Whatever
 * else it is (an error that already has its name, a mistake in our SQL) comes back as it is. `isFull` knows of codes that,
 * as things stand, mean that the disk is full.
 */
export function storeError(error: unknown, path: string, isFull: (code: string) => boolean = () => false): unknown {
  const code = codeOf(error);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || isFull(code)) {
    return new PortfleetError([errorValue('STORE_FULL', `The disk that holds ${path} is full.`)], { cause: error });
  }
  // The tables of a scan hang on its row (see `schema`).
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') {
    return new PortfleetError([errorValue('SCAN_NOT_FOUND', `The scan is not in the store ${path} (any more).`)], {
      cause: error,
    });
  }
  // Our SQL is right, so a table or a column that it names is missing from the file, there already, or something else.
  const wrong = error instanceof Error && WRONG_TABLE.exec(error.message);
  if (wrong) return unavailable(path, `it is damaged: ${wrong[0]}`, error);
  for (const [family, words] of Object.entries(WORDS)) {
    if (code === family || code.startsWith(`${family}_`)) return unavailable(path, words, error);
  }
  return error;
}

/** The store at `path` cannot be used, and why. */
export const unavailable = (path: string, why: string, cause: unknown): PortfleetError =>
  new PortfleetError([errorValue('STORE_UNAVAILABLE', `The store ${path} cannot be used: ${why}.`)], { cause });

/** What a row holds, for the error that says that it cannot be read: "Of scan 01ABC…, the plan". */
export interface StoredAs {
  readonly code: 'SCAN_DAMAGED' | 'WATCH_DAMAGED';
  readonly what: string;
}

/**
 * What was stored as JSON, as `read` makes it: whatever is wrong with it, the error names the one row, so that its reader
 * can go on with the others.
 *
 * @throws PortfleetError SCAN_DAMAGED, WATCH_DAMAGED
 */
export function readStored<Stored, Value>(text: string, as: StoredAs, read: (stored: Stored) => Value): Value {
  let stored: Stored;
  try {
    stored = JSON.parse(text) as Stored;
  } catch (error) {
    throw damaged(as, 'what is stored is no JSON', error);
  }
  try {
    return read(stored);
  } catch (error) {
    throw error instanceof PortfleetError ? error : damaged(as, 'a part of it is missing, or is something else', error);
  }
}

/** The error of a row that cannot be read. */
export const damaged = ({ code, what }: StoredAs, why: string, cause?: unknown): PortfleetError =>
  new PortfleetError([errorValue(code, `${what} cannot be read: ${why}.`)], { cause });

type Kind = 'number' | 'string' | 'object' | 'list';

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value);

/**
 * Holds what was read to the members without which nothing could be shown of it.
 *
 * @throws TypeError for `readStored` to make an error of
 */
export function holdTo(value: unknown, kinds: Readonly<Record<string, Kind>>): void {
  const members = (value ?? {}) as Readonly<Record<string, unknown>>;
  for (const [name, kind] of Object.entries(kinds)) {
    if (kindOf(members[name]) !== kind) throw new TypeError(`"${name}" is no ${kind}`);
  }
}

/** Is this the error of a file that another process had locked? */
export const isBusy = (error: unknown): boolean =>
  error instanceof PortfleetError && codeOf(error.cause).startsWith('SQLITE_BUSY');
