import { ascii, bytes } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** A server may answer with a challenge in place of the information: an answer all the same. */
export const sourceEnginePayload: Payload = {
  protocol: 'Source engine query',
  ports: [27_015, 27_016],
  source: 'Valve Developer Community, "Server queries", A2S_INFO',
  asks: 'what is played',
  bytes: bytes([0xff, 0xff, 0xff, 0xff], ascii('TSource Engine Query\0')),
};
