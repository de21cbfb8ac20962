import { createHmac } from 'node:crypto';
import { type LookupAddress, lookup } from 'node:dns';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Address } from '../domain/units.ts';

/** What is posted, and what it is signed with. */
export interface Posting {
  readonly url: string;
  readonly body: string;
  /** The name of the delivery, the same however often it is tried. */
  readonly id: string;
  readonly secret: string;
  /** Seconds since 1970. */
  readonly at: number;
}

/** What came of it: a status and the beginning of the answer, or why there was none. */
export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

export interface PostDeps {
  /** May a message go to that address? Asked of what the name really resolved to, for the very connection. */
  readonly allows: (address: Address) => boolean;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
}

/** Of an answer no more is read: it is only shown. */
const MOST_OF_ANSWER = 200;

/**
 * `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hexadecimal>`: who knows the secret can tell that the message is
 * ours, and that it is not an old one that is sent again.
 */
export const signatureOf = ({ at, body, secret }: Pick<Posting, 'at' | 'body' | 'secret'>): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;

/** Posts JSON, once, and follows no redirect: the message is for whom its owner named alone. */
export function postMessage(posting: Posting, { allows, timeout }: PostDeps): Promise<Posted> {
  const url = new URL(posting.url);
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) !== 0 && !allows(literal as Address)) return Promise.resolve(refusedAddress(literal));
  return new Promise((resolve) => {
    const options = {
      method: 'POST',
      headers: headersOf(posting),
      lookup: guardedLookup(allows),
      signal: AbortSignal.timeout(timeout),
    };
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text = `${text}${piece}`.slice(0, MOST_OF_ANSWER);
      });
      const done = () => resolve({ kind: 'answered', status: response.statusCode ?? 0, text });
      response.on('end', done);
      // The status is the answer; a body that breaks off changes nothing about it.
      response.on('error', done);
    });
    request.on('error', (error) =>
      resolve({
        kind: 'failed',
        why: error.name === 'AbortError' || error.name === 'TimeoutError' ? 'no answer in time' : error.message,
      }),
    );
    request.end(posting.body);
  });
}

const refusedAddress = (address: string): Posted => ({
  kind: 'failed',
  why: `${address} is no address that a message may go to`,
});

const headersOf = (posting: Posting) => ({
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(posting.body),
  'user-agent': 'portfleet',
  'portfleet-delivery': posting.id,
  'portfleet-signature': signatureOf(posting),
});

/** Resolves a name to those of its addresses that are allowed; the connection is made to one of these, not to the name. */
function guardedLookup(allows: PostDeps['allows']): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => allows(address as Address));
      const [first] = allowed;
      if (!first) return callback(new Error(`${hostname} has no address that a message may go to`), '', 0);
      if (options.all) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}
