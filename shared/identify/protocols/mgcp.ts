import { ascii } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const mgcpPayload: Payload = {
  protocol: 'MGCP',
  ports: [2427],
  source: 'RFC 3435 sections 2.3.10 and 3.2',
  asks: 'for its endpoints (AuditEndpoint)',
  bytes: ascii('AUEP 7066 *@portfleet.invalid MGCP 1.0\r\n'),
};
