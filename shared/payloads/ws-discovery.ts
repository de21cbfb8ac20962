import { ascii } from './bytes.ts';
import type { Payload } from './payload.ts';

const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
const ADDRESSING = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';

/** The namespaces of 2005, which printers, cameras and Windows speak. An empty Probe fits every device. */
export const wsDiscovery: Payload = {
  protocol: 'WS-Discovery',
  ports: [3702],
  source: 'Web Services Dynamic Discovery (April 2005) section 5.2',
  asks: 'for any device (Probe)',
  bytes: ascii(
    [
      '<?xml version="1.0" encoding="utf-8"?>',
      `<s:Envelope xmlns:s="${SOAP}" xmlns:a="${ADDRESSING}" xmlns:d="${DISCOVERY}"><s:Header>`,
      `<a:Action>${DISCOVERY}/Probe</a:Action>`,
      '<a:MessageID>urn:uuid:706f7274-666c-4565-a574-000000000001</a:MessageID>',
      `<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>`,
      '</s:Header><s:Body><d:Probe/></s:Body></s:Envelope>',
    ].join(''),
  ),
};
