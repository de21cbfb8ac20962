import { lines } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
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

/** "Linux/3.14 UPnP/1.0 MiniUPnPd/2.1": the system, the version of UPnP, the program (section 1.3.3). */
export const ssdpAnswer: DatagramMatcher = {
  name: 'upnp',
  ports: [1900],
  match({ text }) {
    if (!/^HTTP\/1\.1 200 OK\r\n/i.test(text) || !/^(?:ST|USN):/im.test(text)) return null;
    const server = /^SERVER:[ \t]*([^\r\n]{1,150})/im.exec(text)?.[1] ?? '';
    const [, os, product, version] =
      /^(\S{1,40}),? UPnP\/\d\.\d,? ([^/\r\n]{1,60})(?:\/(\S{1,30}))?/.exec(server) ?? [];
    return {
      name: 'upnp',
      product: product ?? (server || undefined),
      version,
      os: os?.replace('/', ' '),
      confidence: SURE,
    };
  },
};
