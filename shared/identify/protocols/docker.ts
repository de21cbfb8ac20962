import { httpGet, httpResponse, jsonString } from './kit/http-response.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Headers that the engine sends with every answer, errors included. */
const HEADERS = ['api-version', 'ostype'] as const;

export const docker: Matcher = {
  name: 'docker',
  source: 'Docker Engine API, GET /version',
  ports: [2375, 4243],
  tlsPorts: [2376],
  question: httpGet('docker', '/version'),
  match(heard) {
    const response = httpResponse(heard);
    if (response === null) return null;
    const { headers, body } = response;
    const server = /^Docker\/(\d[\w.+~-]*)/.exec(headers.get('server') ?? '')?.[1];
    if (server === undefined && !HEADERS.every((name) => headers.has(name))) return null;
    const api = jsonString(body, 'ApiVersion') ?? headers.get('api-version');
    const version = server ?? jsonString(body, 'Version');
    return { name: 'docker', product: 'Docker Engine', version, info: api && `API ${api}`, confidence: SURE };
  },
};
