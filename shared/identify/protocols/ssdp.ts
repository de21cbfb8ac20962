import { lines } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const ssdpPayload: Payload = {
  protocol: 'SSDP',
  ports: [1900],
  source: 'UPnP Device Architecture 2.0 section 1.3.2',
  asks: 'for the root device (M-SEARCH)',
  bytes: lines(
    'M-SEARCH * HTTP/1.1',
    'HOST: 239.255.255.250:1900',
    'MAN: "ssdp:discover"',
    'MX: 1',
    'ST: upnp:rootdevice',
  ),
};
