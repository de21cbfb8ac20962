import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** This protocol alone writes its numbers low byte first. */
const LIST_IDENTITY = [0x63, 0];

export const ethernetIpPayload: Payload = {
  protocol: 'EtherNet/IP',
  ports: [44_818],
  source: 'The CIP Networks Library volume 2, sections 2-3 and 2-4.2',
  asks: 'which device it is',
  // no data, no session, status 0, our context, no options
  bytes: bytes(LIST_IDENTITY, zeros(2), zeros(4), zeros(4), PORTFLEET_ID, zeros(4)),
};
