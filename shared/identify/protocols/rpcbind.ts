import { nullCall } from './kit/onc-rpc.ts';
import type { Payload } from './kit/payload.ts';

export const rpcbindPayload: Payload = {
  protocol: 'rpcbind',
  ports: [111],
  source: 'RFC 5531 section 9, RFC 1833 section 3',
  asks: 'procedure 0 of the port mapper',
  bytes: nullCall(100_000, 2),
};
