import { type HttpResponse, httpGet, httpResponse, serverProduct } from './kit/http-response.ts';
import { LIKELY, type Matcher, type Question, SURE } from './kit/matcher.ts';

/** What servers say, in plain text, to a plain request on a port that wants TLS: nginx, Apache, Go, Jetty and others. */
const WANTS_TLS = /plain HTTP request was sent to HTTPS port|plain HTTP to an SSL-enabled|HTTP request to an HTTPS/i;

const TITLE = /<title[^>]{0,100}>\s*([^<]{1,200})/i;

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" } as const;

const withoutEntities = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: keyof typeof ENTITIES) => ENTITIES[name]);

/**
 * What the HTTP library of Go says to a path it does not have. Programs that are only an API (etcd, the Docker Engine)
 * have nothing at their root, and tell who they are at /version.
 */
const isBareApi = ({ status, body }: HttpResponse): boolean => status === 404 && body.startsWith('404 page not found');

const VERSION: Question = httpGet('version', '/version');

/** The status, where it leads, what the page calls itself, and what the server says of itself in brackets. */
function infoOf({ status, headers, body }: HttpResponse, comment: string | undefined): string {
  const location = headers.get('location');
  // The page that goes with a redirection only repeats its status.
  const title = location === undefined ? TITLE.exec(body)?.[1]?.trim() : undefined;
  const words = [
    location === undefined ? String(status) : `${status} to ${location}`,
    title && `title "${withoutEntities(title)}"`,
    comment,
  ];
  return words.filter(Boolean).join('; ');
}

export const http: Matcher = {
  name: 'http',
  source: 'RFC 9110 and RFC 9112',
  ports: [80, 81, 591, 3000, 3128, 5000, 5601, 5985, 8000, 8001, 8008, 8080, 8081, 8088, 8888, 9000, 15_672],
  tlsPorts: [443, 4443, 5986, 8006, 8443, 9443, 10_443],
  question: httpGet('http', '/'),
  match(heard) {
    const response = httpResponse(heard);
    if (response === null) return null;
    const { product, version, comment } = serverProduct(response.headers.get('server'));
    const wantsTls = response.status >= 400 && WANTS_TLS.test(response.body);
    return {
      name: 'http',
      product,
      version,
      info: infoOf(response, comment),
      confidence: heard.asked === null ? LIKELY : SURE,
      ...(wantsTls && { next: 'tls' }),
      ...(isBareApi(response) && heard.asked === 'http' && { next: VERSION }),
    };
  },
};
