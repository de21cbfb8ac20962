import { bytesOfLatin1 } from '../../../domain/bytes.ts';
import type { Heard, Question } from './matcher.ts';

/** The beginning of an HTTP/1 response; the body may be cut anywhere. */
export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case; of repeated ones the first. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Reads a status line and headers (RFC 9112), leniently; null where the bytes begin otherwise. */
export function httpResponse({ text }: Heard): HttpResponse | null {
  const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(text)?.[1];
  if (status === undefined) return null;
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const headers = new Map<string, string>();
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { status: Number(status), headers, body: end === null ? '' : text.slice(end.index + end[0].length) };
}

/** A GET of `path`, asked by the same words everywhere. */
export const httpGet = (name: string, path: string): Question => ({
  name,
  bytes: (host) =>
    bytesOfLatin1(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: portfleet\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    ),
});

/** "nginx/1.22.1 (Debian)" apart: the first product of a Server header and its comment (RFC 9110 section 10.2.4). */
export function serverProduct(server: string | undefined): { product?: string; version?: string; comment?: string } {
  const [, product, version, comment] = /^([^/\s(]+)(?:\/(\S+))?(?:\s*\(([^)]*)\))?/.exec(server ?? '') ?? [];
  return { ...(product && { product }), ...(version && { version }), ...(comment && { comment }) };
}

/** The string member of that name in a JSON text, wherever it stands: the body may be cut, so nothing parses it whole. */
export const jsonString = (body: string, name: string): string | undefined =>
  new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]{0,200})"`).exec(body)?.[1];
