import type { ScanCost } from '../../domain/cost.ts';
import { type Finding, wasIdentified } from '../../domain/finding.ts';
import { formatPorts, type PortSet } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { exposureOf } from '../exposure.ts';
import { eventTime, type HostEvent, hostEventsOf } from './host-events.ts';
import { jsonTls } from './json.ts';
import { usualNameOf } from './port-lines.ts';
import { jsonText } from './printable.ts';
import type { MakeSections } from './sections.ts';
import { isoTime, roundMillis } from './time.ts';

/**
 * One open port a line, under naabu's names where it has one (`host` only where there is a name, `ip`, `timestamp`,
 * `port`, `protocol`, `name`, `method`), so that what reads naabu reads this. What befell a host is a line with an `event`
 * and without a `port`, after all others; what the security groups of an address claim is such a line after its ports, and
 * what the scan of a fleet has cost is the last.
 */
export const jsonlSections: MakeSections = ({ scan, summary }) => ({
  *head() {},
  *item(host) {
    for (const finding of host.findings) yield `${jsonText(jsonLine(host, finding))}\n`;
    const claims = groupsLine(host, scan.plan.ports);
    if (claims) yield `${jsonText(claims)}\n`;
  },
  *tail() {
    for (const each of hostEventsOf(summary)) yield `${jsonText(eventLine(each))}\n`;
    if (summary.cost) yield `${jsonText(costLine(summary.cost))}\n`;
  },
});

const eventLine = ({ event, address, from, until, ports, answered }: HostEvent) => ({
  event,
  ip: address,
  timestamp: eventTime(from),
  until: eventTime(until),
  ports,
  answered,
});

const costLine = ({ dollars, estimate, limit, workerSeconds, requests, writeUnits }: ScanCost) => ({
  event: 'cost',
  dollars,
  estimated: { at_least: estimate.atLeast, expected: estimate.expected, if_silent: estimate.ifSilent },
  limit,
  worker_seconds: workerSeconds,
  requests,
  write_units: writeUnits,
});

function groupsLine(host: HostReport, planned: PortSet) {
  const exposure = exposureOf(host, planned);
  if (!host.account || !exposure) return undefined;
  return {
    event: 'security-groups',
    ip: host.address,
    resource: host.account.resource,
    region: host.account.region,
    open_not_allowed: formatPorts(exposure.openNotAllowed),
    allowed_not_open: formatPorts(exposure.allowedNotOpen),
    open_to_anyone: formatPorts(exposure.openToAnyone),
  };
}

const jsonLine = (
  { address, names, reverseNames }: Pick<HostReport, 'address' | 'names' | 'reverseNames'>,
  finding: Finding,
) => ({
  ...(names[0] !== undefined && names[0] !== address && { host: names[0] }),
  // naabu has one name; all of them stand beside it where there are more.
  ...(names.length > 1 && { names }),
  reverse_names: reverseNames,
  ip: address,
  timestamp: isoTime(finding.seenAt),
  port: finding.port,
  protocol: finding.protocol,
  state: finding.state,
  reason: finding.reason,
  name: finding.service.name,
  method: finding.service.method,
  product: finding.service.product,
  version: finding.service.version,
  extra_info: finding.service.info,
  confidence: finding.service.confidence,
  usually: usualNameOf(finding, finding.service),
  banner: finding.banner,
  // naabu's `tls` is a yes or no.
  tls: wasIdentified(finding) ? finding.tls !== undefined : undefined,
  tls_facts: finding.tls && jsonTls(finding.tls, finding.seenAt),
  rtt_ms: roundMillis(finding.rtt),
  attempt: finding.attempt,
});
