import { ascii } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
const ADDRESSING = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';

/**
 * The namespaces of 2005, which printers, cameras and Windows speak, under the prefixes that everybody gives them: some
 * devices look for those and not for the namespaces. A Probe without types fits every device.
 */
export const wsDiscoveryPayload: Payload = {
  protocol: 'WS-Discovery',
  ports: [3702],
  source: 'Web Services Dynamic Discovery (April 2005) section 5.2',
  asks: 'for any device (Probe)',
  bytes: ascii(
    [
      '<?xml version="1.0" encoding="utf-8"?>',
      `<soap:Envelope xmlns:soap="${SOAP}" xmlns:wsa="${ADDRESSING}" xmlns:wsd="${DISCOVERY}"><soap:Header>`,
      '<wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To>',
      `<wsa:Action>${DISCOVERY}/Probe</wsa:Action>`,
      '<wsa:MessageID>urn:uuid:706f7274-666c-4565-a574-000000000001</wsa:MessageID>',
      '</soap:Header><soap:Body><wsd:Probe></wsd:Probe></soap:Body></soap:Envelope>',
    ].join(''),
  ),
};
