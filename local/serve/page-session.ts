import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { writePrivate } from './private-file.ts';

/** 256 bits cannot be guessed. */
const KEY_BYTES = 32;

/** A week: who looks in daily stays signed in, and a forgotten browser does not for ever. */
const SESSION_SECONDS = 7 * 86_400;

/**
 * How a browser is let in. It cannot read the token's file, so it is given an address with a token that works once:
 *
 *   link printed ──▶ opened ──▶ cookie set, address without the token ──▶ signed in, a week long
 *                      └─ opened again ──▶ refused; the server has printed a new link by then
 *
 * The cookie is signed with a key that stays in the data directory, so that a server that is started again knows its
 * browsers. It holds nothing but when it ends.
 */
export interface PageSession {
  /** The token of the link that is good now. */
  token(): string;
  /** Takes the token of a link; the cookie to set, or undefined for one that is not good. It is good no more then. */
  redeem(token: string): string | undefined;
  /** Whether these cookies hold a session of ours that has not run out. */
  isSignedIn(cookies: string | null): boolean;
}

/** @param port tells cookies of two servers of one machine apart: a browser does not, by the host alone */
export function makePageSession(keyFile: string, port: number, now: () => number): PageSession {
  const key = readOrMakeKey(keyFile);
  const name = `portfleet-${port}`;
  let token = freshToken();
  const sign = (until: string): string => createHmac('sha256', key).update(`${name} ${until}`).digest('base64url');
  return {
    token: () => token,
    redeem(given) {
      if (!isSame(given, token)) return undefined;
      token = freshToken();
      const until = `${Math.floor(now() / 1_000) + SESSION_SECONDS}`;
      return `${name}=${until}.${sign(until)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_SECONDS}`;
    },
    isSignedIn(cookies) {
      const value = cookies
        ?.split(/;\s*/)
        .find((each) => each.startsWith(`${name}=`))
        ?.slice(name.length + 1);
      const [until = '', signature = ''] = value?.split('.') ?? [];
      return isSame(signature, sign(until)) && Number(until) > now() / 1_000;
    },
  };
}

const freshToken = (): string => randomBytes(KEY_BYTES).toString('base64url');

/** Compares without telling by its time where two texts begin to differ. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Deleting the file signs every browser out, and so does anything else than a whole key that this user alone could read:
 * with a key that others know they could sign cookies of their own.
 */
function readOrMakeKey(file: string): Buffer {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  const isPrivate = process.platform === 'win32' || ((stats?.mode ?? 0) & 0o077) === 0;
  if (stats?.isFile() && isPrivate && stats.size === KEY_BYTES) return readFileSync(file);
  const key = randomBytes(KEY_BYTES);
  writePrivate(file, key);
  return key;
}
