import { describe, expect, it } from 'vitest';
import { type Received, verifySignature } from '../../helpers/verify-signature.ts';

/** Of AWS's own test suite for Signature Version 4 ("aws-sig-v4-test-suite"). */
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

const suite = (names: string, signature: string): Record<string, string> => ({
  host: 'example.amazonaws.com',
  'x-amz-date': '20150830T123600Z',
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
});

const VECTORS: readonly (readonly [string, Received])[] = [
  [
    'get-vanilla',
    {
      method: 'GET',
      target: '/',
      body: '',
      headers: suite('host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'),
    },
  ],
  [
    'post-vanilla',
    {
      method: 'POST',
      target: '/',
      body: '',
      headers: suite('host;x-amz-date', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'),
    },
  ],
  [
    'get-vanilla-query-order-key-case',
    {
      method: 'GET',
      target: '/?Param2=value2&Param1=value1',
      body: '',
      headers: suite('host;x-amz-date', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'),
    },
  ],
];

describe('The receiver of signatures that other tests use', () => {
  it.each(VECTORS)('agrees with the published vector %s', (_name, received) => {
    expect(verifySignature(received, SECRET)).toMatchObject({
      isValid: true,
      accessKey: 'AKIDEXAMPLE',
      service: 'service',
    });
  });

  it('refuses whatever was changed after it was signed', () => {
    const [, first] = VECTORS[0] ?? [];
    if (!first) throw new Error('there is no vector');
    const changed: Partial<Received>[] = [
      { method: 'POST' },
      { target: '/x' },
      { target: '/?a=b' },
      { body: 'x' },
      { headers: { ...first.headers, host: 'evil.example' } },
      { headers: { ...first.headers, 'x-amz-date': '20150830T123601Z' } },
    ];
    for (const change of changed) expect(verifySignature({ ...first, ...change }, SECRET)?.isValid).toBe(false);
    expect(verifySignature(first, `${SECRET}x`)?.isValid).toBe(false);
    expect(verifySignature({ ...first, headers: { host: 'x' } }, SECRET)).toBeUndefined();
  });
});
