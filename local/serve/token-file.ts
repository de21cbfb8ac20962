import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the server on that port keeps its token. */
export const tokenPath = (directory: string, port: number): string => join(directory, `serve-${port}.token`);

/** 256 bits: nobody guesses them. */
const TOKEN_BYTES = 32;

export const makeToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/**
 * Writes the token for this user alone (0600). It appears whole or not at all, and replaces that of a server that was
 * killed: the port is ours now.
 */
export function writeToken(path: string, token: string): void {
  const written = `${path}.${process.pid}`;
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  rmSync(written, { force: true });
  writeFileSync(written, token, { mode: 0o600, flag: 'wx' });
  renameSync(written, path);
}

/** The token of the server on that port, as far as this user may know it. */
export function readToken(directory: string, port: number): string | undefined {
  try {
    return readFileSync(tokenPath(directory, port), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

export const removeToken = (path: string): void => rmSync(path, { force: true });
