import type { Finding } from '../../domain/finding.ts';
import { scriptElements } from './nmap-xml-scripts.ts';
import { attributes, jsonText, xmlText } from './printable.ts';
import { roundMillis } from './time.ts';

/** What an open port's element holds after its state: service, scripts, and what only our own reader looks at. */
export const serviceElements = (finding: Finding): string =>
  `${serviceElement(finding)}${scriptElements(finding)}${seenInstruction(finding)}`;

/** nmap's confidence: 3 for a name from the table, 10 for one that the service itself confirmed. */
const CONFIDENCE = { table: 3, probed: 10 } as const;

/** Like nmap, no element where the table has no name. `tunnel` is for TLS from the first byte, not after STARTTLS. */
function serviceElement({ service, tls }: Finding): string {
  const { name, method, product, version, info, hostname, ostype, devicetype, fingerprint, cpe = [] } = service;
  const { confidence = CONFIDENCE[method] } = service;
  const tunnel = service.tunnel ?? (tls?.startTls === null ? 'ssl' : undefined);
  if (method === 'table' && name === 'unavailable' && service.tunnel === undefined) return '';
  const conf = Math.max(0, Math.min(10, Math.round(confidence)));
  const known = {
    name,
    product,
    version,
    extrainfo: info,
    tunnel,
    method,
    conf,
    hostname,
    ostype,
    devicetype,
    servicefp: fingerprint,
  };
  const inside = cpe.map((each) => `<cpe>${xmlText(each)}</cpe>`).join('');
  return inside === '' ? `<service${attributes(known)}/>` : `<service${attributes(known)}>${inside}</service>`;
}

/** As JSON, what nmap's elements would lose: they have no bytes. */
function seenInstruction({ seenAt, rtt, attempt, banner, tls }: Finding): string {
  const more = banner === undefined && tls === undefined ? undefined : jsonText({ banner, tls });
  return `<?portfleet seen${attributes({ at: Math.trunc(seenAt), rtt: roundMillis(rtt), attempt, more })}?>`;
}
