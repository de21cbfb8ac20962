import { nullCall } from './kit/onc-rpc.ts';
import type { Payload } from './kit/payload.ts';

export const nfsPayload: Payload = {
  protocol: 'NFS',
  ports: [2049],
  source: 'RFC 5531 section 9, RFC 1813 section 3.3.0',
  asks: 'procedure 0 of version 3',
  bytes: nullCall(100_003, 3),
};
