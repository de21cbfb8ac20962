import { nullCall } from './kit/onc-rpc.ts';
import type { Payload } from './kit/payload.ts';

export const vxWorksPayload: Payload = {
  protocol: 'VxWorks debug agent',
  ports: [17_185],
  source: 'RFC 5531 section 9; the program number: CERT/CC VU#362332',
  asks: 'procedure 0 of WDB',
  bytes: nullCall(0x55555555, 1),
};
