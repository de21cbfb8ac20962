import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from './private-file.ts';

/** Where the server on that port keeps its token. */
export const tokenPath = (directory: string, port: number): string => join(directory, `serve-${port}.token`);

/** 256 bits cannot be guessed. */
const TOKEN_BYTES = 32;

export const makeToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** Replaces the token of a server that was killed: the port is ours now. */
export const writeToken = (path: string, token: string): void => writePrivate(path, token);

/** The token of the server on that port, as far as this user may know it. */
export function readToken(directory: string, port: number): string | undefined {
  const path = tokenPath(directory, port);
  try {
    // A FIFO would be waited at for ever.
    return statSync(path).isFile() ? readFileSync(path, 'utf8').trim() || undefined : undefined;
  } catch {
    return undefined;
  }
}

export const removeToken = (path: string): void => rmSync(path, { force: true });
