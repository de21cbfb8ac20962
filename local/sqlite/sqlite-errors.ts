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

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * The error to throw instead of one that came from the file: STORE_FULL and STORE_UNAVAILABLE, with the path. Whatever
 * else it is (an error that already has its name, a mistake in our SQL) comes back as it is.
 */
export function storeError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new PortfleetError([errorValue('STORE_FULL', `The disk that holds ${path} is full.`)], { cause: error });
  }
  // The tables of a scan hang on its row (see `schema`).
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') {
    return new PortfleetError([errorValue('SCAN_NOT_FOUND', `The scan is not in the store ${path} (any more).`)], {
      cause: error,
    });
  }
  // Our SQL is right, so a table or a column that it names is missing from the file.
  const missing = error instanceof Error && /no such (table|column): \w+/.exec(error.message);
  if (missing) return unavailable(path, `it is damaged: ${missing[0]}`, error);
  for (const [family, words] of Object.entries(WORDS)) {
    if (code === family || code.startsWith(`${family}_`)) return unavailable(path, words, error);
  }
  return error;
}

/** The store at `path` cannot be used, and why. */
export const unavailable = (path: string, why: string, cause: unknown): PortfleetError =>
  new PortfleetError([errorValue('STORE_UNAVAILABLE', `The store ${path} cannot be used: ${why}.`)], { cause });

/**
 * What was stored as JSON of a scan.
 *
 * @throws PortfleetError SCAN_DAMAGED
 */
export function readStored<Value>(
  text: string,
  { scan, what }: { readonly scan: string; readonly what: string },
): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    const detail = `Of scan ${scan}, ${what} cannot be read: what is stored is no JSON.`;
    throw new PortfleetError([errorValue('SCAN_DAMAGED', detail)], { cause: error });
  }
}

/** Is this the error of a file that another process had locked? */
export const isBusy = (error: unknown): boolean =>
  error instanceof PortfleetError && codeOf(error.cause).startsWith('SQLITE_BUSY');
