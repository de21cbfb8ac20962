import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const mumblePayload: Payload = {
  protocol: 'Mumble',
  ports: [64_738],
  source: 'Mumble protocol documentation, "Ping packet"',
  asks: 'its version and how many are there',
  bytes: bytes(zeros(4), PORTFLEET_ID),
};
