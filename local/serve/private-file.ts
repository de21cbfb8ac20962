import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';

/**
 * Writes a secret for this user alone (0600). The file appears whole or not at all, and replaces one that is there: half
 * of a key is one that can be guessed.
 *
 * @throws PortfleetError STORE_FULL, STORE_UNAVAILABLE
 */
export function writePrivate(path: string, content: string | Uint8Array): void {
  const written = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(written, { force: true });
    writeFileSync(written, content, { mode: 0o600, flag: 'wx' });
    chmodSync(written, 0o600);
    renameSync(written, path);
  } catch (error) {
    rmSync(written, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PortfleetError(
      [
        code === 'ENOSPC'
          ? errorValue('STORE_FULL', `The disk that holds ${path} is full.`, { hint: 'Make room, and start it again.' })
          : errorValue('STORE_UNAVAILABLE', `${path} cannot be written: ${message}.`),
      ],
      { cause: error },
    );
  }
}
