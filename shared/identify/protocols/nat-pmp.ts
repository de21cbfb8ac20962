import { bytes } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const natPmpPayload: Payload = {
  protocol: 'NAT-PMP',
  ports: [5351],
  source: 'RFC 6886 section 3.2',
  asks: 'the external address',
  bytes: bytes([0, 0]),
};
