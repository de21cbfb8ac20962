import { createHash, timingSafeEqual } from 'node:crypto';
import { spanOf } from '../../shared/domain/addresses/address-line.ts';
import { canonicalAddress, singleAddress } from '../../shared/domain/addresses/address-set.ts';
import { type ErrorValue, errorValue } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import { isLoopback } from '../../shared/request/target-policy.ts';

/** What may be asked without the token: it tells nothing about any scan. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/health', '/openapi.json']);

/** The names of one's own machine. The port does not matter: it is another one behind a tunnel. */
const OWN_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Who is let in. */
export interface Access {
  readonly token: string;
  /** Whether these cookies are those of a browser that was let in. */
  readonly isSignedIn: (cookies: string | null) => boolean;
  /** Paths that tell nothing of any scan: the files of the page. */
  readonly isOpen: (path: string) => boolean;
}

/**
 * Why a request is not carried out; undefined for one that may be. Listening on loopback keeps other machines out, but
 * not the browser of this one, which carries out what any page says. So:
 *
 * Host            A page of evil.example whose name was pointed at 127.0.0.1 (DNS rebinding) is of the same origin to
 *                 the browser, but its requests still say "Host: evil.example".
 * Origin          A page of another site says where it comes from; so does one of another port of this machine.
 * Sec-Fetch-Site  The same for requests without an Origin, such as pictures and links.
 * Authorization   Other users of this machine reach loopback too. Only who can read the token's file knows it; a
 *                 browser has the cookie that it was given for a link (see `page-session.ts`).
 */
export function refusal(request: Request, { token, isSignedIn, isOpen }: Access): ErrorValue | undefined {
  const { headers } = request;
  const host = headers.get('host') ?? '';
  if (!OWN_HOST.test(host))
    return errorValue('REQUEST_FOREIGN', `The request is for the host "${host}", which this is not.`);
  const origin = headers.get('origin');
  if (origin !== null && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return errorValue('REQUEST_FOREIGN', `The request comes from a page of "${origin}".`);
  }
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') {
    return errorValue('REQUEST_FOREIGN', `The request comes from another site ("${site}").`);
  }
  const { pathname } = new URL(request.url);
  if (OPEN_PATHS.has(pathname) || isOpen(pathname) || isSignedIn(headers.get('cookie'))) return undefined;
  const [, given] = /^Bearer ([\x21-\x7e]+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (given !== undefined && isSame(given, token)) return undefined;
  return errorValue(
    'TOKEN_WRONG',
    given === undefined ? 'The request carries no token.' : 'The token is not the right one.',
  );
}

/** Digests have one length, and comparing them takes the same time wherever they differ. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The address that `--host` names: one of loopback, or nothing is listened on at all. A name is not looked up. */
export function readHost(text: string): Result<string> {
  if (text.toLowerCase() === 'localhost') return ok('127.0.0.1');
  const address = canonicalAddress(text.replace(/^\[(.*)\]$/, '$1'));
  if (address && isLoopback([spanOf(singleAddress(address))])) return ok(address);
  const at = { field: '--host', text, start: 0, end: text.length };
  return err(errorValue('HOST_NOT_LOOPBACK', `"${text}" is no address of this machine alone.`, { at }));
}
