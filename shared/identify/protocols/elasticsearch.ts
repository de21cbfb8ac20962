import { http } from './http.ts';
import { httpResponse, jsonString } from './kit/http-response.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** The line that every Elasticsearch and OpenSearch ends its root document with. */
const TAGLINE = /"tagline"\s*:\s*"(?:You Know, for Search|The OpenSearch Project)/;

/** Version 7.14 and later say so in a header, also to those who may not read the document. */
const PRODUCT_HEADER = 'x-elastic-product';

export const elasticsearch: Matcher = {
  name: 'elasticsearch',
  source: 'Elasticsearch root API',
  ports: [9200, 9201],
  tlsPorts: [],
  question: http.question,
  match(heard) {
    const response = httpResponse(heard);
    if (response === null) return null;
    const { status, headers, body } = response;
    if (TAGLINE.test(body)) {
      const product = jsonString(body, 'distribution') === 'opensearch' ? 'OpenSearch' : 'Elasticsearch';
      const cluster = jsonString(body, 'cluster_name');
      const info = cluster && `cluster ${cluster}`;
      return { name: 'elasticsearch', product, version: jsonString(body, 'number'), info, confidence: SURE };
    }
    const denied = /realm="security"/.test(headers.get('www-authenticate') ?? '') && /security_exception/.test(body);
    if (headers.get(PRODUCT_HEADER) !== 'Elasticsearch' && !denied) return null;
    return {
      name: 'elasticsearch',
      product: 'Elasticsearch',
      info: String(status),
      confidence: SURE,
    };
  },
};
