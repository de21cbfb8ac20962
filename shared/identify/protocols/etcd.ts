import { httpGet, httpResponse, jsonString } from './kit/http-response.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

export const etcd: Matcher = {
  name: 'etcd',
  source: 'etcd, GET /version',
  ports: [2379, 4001],
  tlsPorts: [],
  question: httpGet('etcd', '/version'),
  match(heard) {
    const body = httpResponse(heard)?.body ?? '';
    const [version, cluster] = [jsonString(body, 'etcdserver'), jsonString(body, 'etcdcluster')];
    if (version === undefined) return null;
    return { name: 'etcd', product: 'etcd', version, info: cluster && `cluster ${cluster}`, confidence: SURE };
  },
};
