import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * AWS Signature Version 4 from the receiver's side, written from the documentation of the algorithm ("Create a signed AWS
 * API request") and from nothing else: what the client signs with must agree with it.
 */
export interface Received {
  readonly method: string;
  /** Path and query, as they stood in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SignatureVerdict {
  readonly isValid: boolean;
  readonly accessKey: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

/** RFC 3986: everything but the unreserved characters. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const [name = '', value = ''] = pair
        .split('=')
        .map((part) => encoded(decodeURIComponent(part.replaceAll('+', ' '))));
      return [name, value] as const;
    });
  const sorted = pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  return sorted.map((pair) => pair.join('=')).join('&');
}

const PATTERN =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Whether the request was signed with that secret; undefined where it bears no signature at all. */
export function verifySignature(
  { method, target, headers, body }: Received,
  secret: string,
): SignatureVerdict | undefined {
  const [, accessKey, day, region, service, names, signature] = PATTERN.exec(headers['authorization'] ?? '') ?? [];
  if (!accessKey || !day || !region || !service || !names || !signature) return undefined;
  const [path = '/', query = ''] = target.split('?');
  const signedHeaders = names.split(';');
  const canonicalHeaders = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  const canonicalPath = path.split('/').map(encoded).join('/');
  const request = [method, canonicalPath, canonicalQuery(query), canonicalHeaders.join(''), names, sha256(body)].join(
    '\n',
  );
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'] ?? '', scope, sha256(request)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const isValid = timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'));
  return { isValid, accessKey, region, service, signedHeaders };
}
