import { NOBODY } from './emulator.ts';

/** Names the service to the emulator, which looks at no more of a signature than that. */
const authorization = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=${NOBODY.AWS_ACCESS_KEY_ID}/20260101/${NOBODY.AWS_REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

/** A call of a service that speaks REST with JSON, for which the project has no client. */
export async function restCall(
  endpoint: string,
  service: string,
  path: string,
  more: { readonly method?: string; readonly body?: unknown } = {},
): Promise<unknown> {
  const answer = await fetch(endpoint + path, {
    method: more.method ?? 'GET',
    headers: { authorization: authorization(service), 'content-type': 'application/json' },
    ...(more.body !== undefined && { body: JSON.stringify(more.body) }),
  });
  return answer.json();
}

/** A call of a service that speaks JSON by target ("Logs_20140328.DescribeLogGroups"). */
export async function targetCall(endpoint: string, service: string, target: string): Promise<unknown> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: authorization(service),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
    },
    body: '{}',
  });
  return answer.json();
}

/** A call of a service that speaks the old query protocol; the answer is XML. */
export async function queryCall(endpoint: string, service: string, action: string): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: authorization(service), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: '2010-05-08' }),
  });
  return answer.text();
}
