import { bytesOfLatin1 } from '../../domain/bytes.ts';
import type { HttpFacts } from '../../domain/service-facts.ts';
import { httpProduct, realmOf, titleOf } from './kit/http-products.ts';
import { type HttpResponse, httpGet, httpResponse, jsonString, serverProduct } from './kit/http-response.ts';
import { type Heard, LIKELY, type Match, type Matcher, type Question, SURE } from './kit/matcher.ts';
import { faviconHash } from './kit/mmh3.ts';

/** What servers say, in plain text, to a plain request on a port that wants TLS: nginx, Apache, Go, Jetty and others. */
const WANTS_TLS = /plain HTTP request was sent to HTTPS port|plain HTTP to an SSL-enabled|HTTP request to an HTTPS/i;

/** Written by programs that are no web servers, for those who take them for one. */
const NO_WEB_SERVER = /^Tor (?:is not an HTTP Proxy|ControlPort is not an HTTP proxy)/i;

/**
 * What the HTTP library of Go says to a path it does not have. Programs that are only an API (etcd, the Docker Engine)
 * have nothing at their root, and tell who they are at /version.
 */
const isBareApi = ({ status, body }: HttpResponse): boolean => status === 404 && body.startsWith('404 page not found');

const VERSION: Question = httpGet('version', '/version');

/** The registry of Docker has an empty page at its root, and says who it is where its API begins. */
const REGISTRY: Question = httpGet('http /v2/', '/v2/');

const isEmpty = ({ status, headers, body }: HttpResponse): boolean =>
  status === 200 && body === '' && !headers.has('server') && headers.get('cache-control') === 'no-cache';

/** Icons of up to 64 KB are heard to their end. */
const FAVICON: Question = httpGet('http favicon', '/favicon.ico', 65_536);

/** What a browser should be told so that a page harms it less (OWASP secure headers project). */
const PROTECTING = [
  'strict-transport-security',
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
] as const;

/** Headers that are told where the answer is a page; the first only where it came over TLS (RFC 6797 section 7.2). */
function missingHeaders({ headers }: HttpResponse, { tls }: Heard): string[] {
  return PROTECTING.filter((name) => !headers.has(name) && (tls !== null || name !== 'strict-transport-security'));
}

function factsOf(response: HttpResponse, heard: Heard): HttpFacts {
  const title = titleOf(response);
  const realm = realmOf(response);
  const location = response.headers.get('location');
  const generator = /<meta name="?generator"? content="([^"<>]{1,100})"/i.exec(response.body)?.[1];
  return {
    status: response.status,
    ...(title && { title }),
    ...(location && { location }),
    ...(realm && { realm }),
    ...(generator && { generator }),
    missingHeaders: missingHeaders(response, heard),
  };
}

/** The status, where it leads, what the page calls itself, and what the server says of itself beside its name. */
function infoOf({ status, title, location, realm }: HttpFacts, more: readonly (string | undefined)[]): string {
  const words = [
    location === undefined ? String(status) : `${status} to ${location}`,
    // The page that goes with a redirection only repeats its status.
    title && location === undefined ? `title "${title}"` : undefined,
    realm && `realm "${realm}"`,
    ...more,
  ];
  return words.filter(Boolean).join('; ');
}

/** Where the answer redirects to on this very server: a path, or the same authority. */
function redirection({ headers, status }: HttpResponse, { sent }: Heard): Question | undefined {
  const location = headers.get('location') ?? '';
  const authority = /\r\nHost: ([^\r\n]+)/.exec(sent)?.[1];
  const [, host, path = ''] = /^(?:https?:\/\/([^/?#]+))?(\/[\x21-\x7e]{0,200})$/.exec(location) ?? [];
  if (status < 300 || status > 399 || path === '' || path === '/' || (host !== undefined && host !== authority))
    return undefined;
  return httpGet('http redirected', path);
}

/** The distribution that a server's comment names, as in "Apache/2.4.57 (Debian)". */
const SYSTEMS =
  /^(Debian|Ubuntu|CentOS|Red Hat(?: Enterprise Linux)?|Fedora|FreeBSD|Unix|Win32|Win64|Rocky Linux|AlmaLinux|SUSE|Alpine)\b/;

/** The answer to the first request: a page, or an error. */
function page(response: HttpResponse, heard: Heard): Match {
  const server = serverProduct(response.headers.get('server'));
  const found = httpProduct(response);
  const facts = factsOf(response, heard);
  const { product, version } = found ? { product: found.row.product, version: found.version } : server;
  const isSame = found === null || found.row.product === server.product;
  const behind = isSame
    ? [server.comment]
    : [server.product && `on ${[server.product, server.version].filter(Boolean).join(' ')}`];
  return {
    name: found?.row.name ?? 'http',
    product,
    version: version ?? (isSame || sameWords(product, server.product) ? server.version : undefined),
    info: infoOf(facts, behind),
    os: found?.row.os ?? SYSTEMS.exec(server.comment ?? '')?.[1],
    deviceType: found?.row.deviceType,
    http: facts,
    confidence: heard.asked === null ? LIKELY : SURE,
    next: nextOf(response, heard, found?.row.next),
  };
}

const sameWords = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one.toLowerCase() === other.toLowerCase();

function nextOf(response: HttpResponse, heard: Heard, next: Question | undefined): Match['next'] {
  if (response.status >= 400 && WANTS_TLS.test(response.body)) return 'tls';
  if (heard.asked !== 'http') return undefined;
  if (next) return next;
  if (isBareApi(response)) return VERSION;
  if (isEmpty(response)) return REGISTRY;
  // A server of web sockets has no pages; `websocket` asks on.
  if (response.status === 426 || response.headers.has('sec-websocket-version')) return undefined;
  return redirection(response, heard) ?? FAVICON;
}

/** Members of JSON in which products tell their versions. */
const VERSION_MEMBERS = ['version', 'Version', 'nsq_version', 'Browser'] as const;

/** What a further request told: a version, a product, a title, or an icon. Nothing of it replaces the first page's facts. */
function furtherAnswer(response: HttpResponse, heard: Heard): Match | null {
  const plain = { name: 'http', confidence: SURE } as const;
  if (heard.asked === FAVICON.name) {
    const isIcon =
      response.status === 200 && response.isWhole && response.body !== '' && !/^\s*[<{]/.test(response.body);
    const http = isIcon ? { faviconHash: faviconHash(bytesOfLatin1(response.body)) } : undefined;
    return { ...plain, http: http as HttpFacts | undefined };
  }
  const found = httpProduct(response);
  if (heard.asked === 'http redirected') {
    const title = titleOf(response);
    const http = title ? ({ title } as HttpFacts) : undefined;
    return { ...plain, product: found?.row.product, version: found?.version, http, next: found?.row.next ?? FAVICON };
  }
  const told = VERSION_MEMBERS.map((name) => jsonString(response.body, name)).find((each) => /\d/.test(each ?? ''));
  const version = /(\d[\w.+~-]{0,40})/.exec(told?.replace(/^node\.js\/v?/, '') ?? '')?.[1];
  return { ...plain, product: found?.row.product, version: version ?? found?.version, next: FAVICON };
}

export const http: Matcher = {
  name: 'http',
  source: 'RFC 9110 and RFC 9112',
  ports: [
    80, 81, 591, 631, 2812, 3000, 3128, 4040, 4151, 4567, 5000, 5280, 5601, 5984, 5985, 6081, 7474, 8000, 8001, 8008,
    8080, 8081, 8082, 8086, 8088, 8118, 8161, 8222, 8384, 8404, 8500, 8888, 8983, 9000, 9001, 9080, 9091, 9093, 9229,
    15_672, 50_070,
  ],
  tlsPorts: [443, 4443, 5986, 8006, 8200, 8443, 8834, 9443, 10_443],
  question: httpGet('http', '/'),
  match(heard) {
    const response = httpResponse(heard);
    if (response === null || NO_WEB_SERVER.test(response.reason)) return null;
    return /^http /.test(heard.asked ?? '') ? furtherAnswer(response, heard) : page(response, heard);
  },
};
