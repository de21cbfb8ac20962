import { bytes, u32, zeros } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** Infinity in RIP: with it, a request names no network and means the whole table. */
const METRIC_INFINITY = 16;

export const ripPayload: Payload = {
  protocol: 'RIP',
  ports: [520],
  source: 'RFC 2453 section 3.9.1',
  asks: 'the whole routing table',
  // request, version 2; one entry: no address family, no network
  bytes: bytes([1, 2, 0, 0], zeros(16), u32(METRIC_INFINITY)),
};

export const ripngPayload: Payload = {
  protocol: 'RIPng',
  ports: [521],
  source: 'RFC 2080 section 2.4.1',
  asks: 'the whole IPv6 routing table',
  bytes: bytes([1, 1, 0, 0], zeros(19), [METRIC_INFINITY]),
};
