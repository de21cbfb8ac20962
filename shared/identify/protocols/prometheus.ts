import { http } from './http.ts';
import { type HttpResponse, httpResponse } from './kit/http-response.ts';
import { type Match, type Matcher, SURE } from './kit/matcher.ts';

/** The landing page of an exporter links to its metrics. */
const LANDING = /<title>([^<]{1,80}Exporter)<\/title>[\s\S]*href="\/?metrics"/i;

/** The exporter-toolkit writes its version there: `Version: (version=1.6.0, branch=HEAD, …)`. */
const LANDING_VERSION = /\bVersion: \(version=([\w.+-]{1,40})/;

/** The text format itself, where the root is the metrics. */
const METRICS = /^# (?:HELP|TYPE) [a-z_:][\w:]* /im;

export const prometheus: Matcher = {
  name: 'prometheus',
  source: 'Prometheus text format 0.0.4 and exporter-toolkit',
  ports: [9090, 9091, 9104, 9113, 9115, 9121, 9187],
  tlsPorts: [],
  question: http.question,
  match(heard) {
    const response = httpResponse(heard);
    return response === null ? null : (exporter(response) ?? server(response));
  },
};

function exporter({ headers, body }: HttpResponse): Match | null {
  const product = LANDING.exec(body)?.[1];
  if (product !== undefined) {
    return { name: 'prometheus-exporter', product, version: LANDING_VERSION.exec(body)?.[1], confidence: SURE };
  }
  const isText = /^text\/plain; version=0\.0\.4/.test(headers.get('content-type') ?? '');
  return isText && METRICS.test(body) ? { name: 'prometheus-exporter', confidence: SURE } : null;
}

/** The server sends its visitors to its page of graphs or, from version 3 on, of queries. */
function server({ status, headers, body }: HttpResponse): Match | null {
  const to = /^\/(?:graph|query)$/.exec(headers.get('location') ?? '')?.[0];
  const redirects = status === 302 && to !== undefined && body.startsWith(`<a href="${to}">Found</a>.`);
  if (!redirects && !/<title>Prometheus Time Series/.test(body)) return null;
  return { name: 'prometheus', product: 'Prometheus', confidence: SURE };
}
