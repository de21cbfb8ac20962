import { httpGet, httpResponse, jsonString } from './kit/http-response.ts';
import { type Matcher, type Question, SURE } from './kit/matcher.ts';

/** Anybody may read it, as the default role system:public-info-viewer has it. */
const VERSION: Question = httpGet('kubernetes', '/version');

/** What the API says to somebody it does not know: an object of kind Status. */
const STATUS = /"kind"\s*:\s*"Status"[\s\S]*"apiVersion"\s*:\s*"v1"/;

export const kubernetes: Matcher = {
  name: 'kubernetes',
  source: 'Kubernetes API, GET /version and meta/v1 Status',
  ports: [],
  tlsPorts: [6443, 16_443],
  question: VERSION,
  match(heard) {
    const body = httpResponse(heard)?.body;
    if (body === undefined) return null;
    const version = /"goVersion"/.test(body) ? /^v?(.*)$/.exec(jsonString(body, 'gitVersion') ?? '')?.[1] : undefined;
    if (version) return { name: 'kubernetes', product: 'Kubernetes', version, confidence: SURE };
    if (!STATUS.test(body)) return null;
    const info = jsonString(body, 'reason');
    const next = heard.asked === 'kubernetes' ? {} : { next: VERSION };
    return { name: 'kubernetes', product: 'Kubernetes', info, confidence: SURE, ...next };
  },
};
