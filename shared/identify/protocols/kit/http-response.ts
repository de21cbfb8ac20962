import { bytesOfLatin1 } from '../../../domain/bytes.ts';
import type { Heard, Question } from './matcher.ts';

/** The beginning of an HTTP/1 response; the body may be cut anywhere. */
export interface HttpResponse {
  readonly status: number;
  /** The words behind the number. */
  readonly reason: string;
  /** Header names in lower case; of repeated ones the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** Names of the cookies that it sets. */
  readonly cookies: readonly string[];
  /** Without the marks of chunks (RFC 9112 section 7.1). */
  readonly body: string;
  /** The body is all there. */
  readonly isWhole: boolean;
}

/** Reads a status line and headers (RFC 9112), leniently; null where the bytes begin otherwise. */
export function httpResponse({ text }: Pick<Heard, 'text'>): HttpResponse | null {
  const [found, status, reason = ''] = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]{0,200}))?/.exec(text) ?? [];
  if (found === undefined) return null;
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!headers.has(name)) headers.set(name, value);
    if (name === 'set-cookie') cookies.push(value.split('=', 1)[0] ?? '');
  }
  const rest = end === null ? '' : text.slice(end.index + end[0].length);
  return { status: Number(status), reason, headers, cookies, ...bodyOf(headers, rest) };
}

function bodyOf(headers: ReadonlyMap<string, string>, rest: string): Pick<HttpResponse, 'body' | 'isWhole'> {
  if (/\bchunked\b/i.test(headers.get('transfer-encoding') ?? '')) return withoutChunks(rest);
  const length = headers.get('content-length');
  return { body: rest, isWhole: length !== undefined && rest.length >= Number(length) };
}

function withoutChunks(rest: string): Pick<HttpResponse, 'body' | 'isWhole'> {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const line = /^([0-9a-f]{1,8})[^\r\n]{0,100}\r\n/i.exec(rest.slice(at, at + 120));
    if (line === null) break;
    const size = Number.parseInt(line[1] ?? '', 16);
    if (size === 0) return { body: parts.join(''), isWhole: true };
    at += line[0].length;
    parts.push(rest.slice(at, at + size));
    at += size + 2;
  }
  // A server that says "chunked" and sends none is read as it is.
  return { body: parts.length === 0 ? rest : parts.join(''), isWhole: false };
}

/** A GET of `path`, asked by the same words everywhere. */
export const httpGet = (name: string, path: string, mostHeard?: number): Question => ({
  name,
  bytes: (_, authority) =>
    bytesOfLatin1(
      `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: portfleet\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    ),
  ...(mostHeard !== undefined && { mostHeard }),
});

/**
 * Where the product comes last: "OS/version UPnP/1.0 product/version" (UPnP Device Architecture 1.0, section 1.1.2), and
 * "Python/3.11 aiohttp/3.8.4".
 */
const BEHIND = /^(?:[^\r\n]{0,80}\bUPnP\/\d\.\d,?|Python\/\S{1,20}) ([A-Za-z][\w-]{1,40})\/(\d[\w.-]{0,40})/;

/**
 * "nginx/1.22.1 (Debian)" apart: the first product of a Server header and its comment (RFC 9110 section 10.2.4). Some write
 * the version behind a space ("Icecast 2.4.4", "monit 5.33.0") or in brackets ("Jetty(9.4.57)").
 */
export function serverProduct(server: string | undefined): { product?: string; version?: string; comment?: string } {
  const text = server ?? '';
  const [, behind, its] = BEHIND.exec(text) ?? [];
  if (behind !== undefined && its !== undefined) return { product: behind, version: its };
  const [, before, number] = /^([A-Za-z][^/\s(]{0,60})[ (]v?(\d[\w.:~+-]{0,40}?)\)?(?:\s|$)/.exec(text) ?? [];
  if (before !== undefined && number !== undefined) return { product: before, version: number };
  const [, product, version, comment] = /^([^/\s(]+)(?:\/v?(\S+))?(?:\s*\(([^)]*)\))?/.exec(text) ?? [];
  return { ...(product && { product }), ...(version && { version }), ...(comment && { comment }) };
}

/** The string member of that name in a JSON text, wherever it stands: the body may be cut, so nothing parses it whole. */
export const jsonString = (body: string, name: string): string | undefined =>
  new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]{0,200})"`).exec(body)?.[1];
