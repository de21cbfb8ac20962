import type { AccountAddress } from '../../domain/account.ts';
import type { Anomaly } from '../../domain/anomaly.ts';
import { certificateConcerns, daysLeft } from '../../domain/certificate-concerns.ts';
import { cpe23 } from '../../domain/cpe.ts';
import type { Finding, Service } from '../../domain/finding.ts';
import { presenceOf } from '../../domain/host-presence.ts';
import type { ImportFacts } from '../../domain/imported.ts';
import { type Incident, silencesOf } from '../../domain/incident.ts';
import { formatPorts, type PortSet } from '../../domain/port-set.ts';
import type { HostReport, PortRun, Report } from '../../domain/report.ts';
import type { TlsFacts } from '../../domain/tls-facts.ts';
import { tlsWeaknesses } from '../../domain/tls-weaknesses.ts';
import type { EpochMillis } from '../../domain/units.ts';
import { isSettled, stateAndReason } from '../../domain/verdict.ts';
import { exposureOf } from '../exposure.ts';
import { usualNameOf } from './port-lines.ts';
import { jsonText } from './printable.ts';
import type { FormatOptions, MakeSections } from './sections.ts';
import { durationText, isoTime, roundMillis } from './time.ts';

/** Rises when a reader of the older documents would go wrong; new members alone don't raise it. */
export const JSON_SCHEMA_VERSION = 1;

/**
 * One object, described by `docs/report.schema.json`. A host is a line, so that the document streams and `grep` works.
 * `ending` comes last and says whether all hosts are there.
 */
export const jsonSections: MakeSections = (report, options) => {
  let separator = '\n';
  return {
    *head() {
      const members = Object.entries(documentHead(report, options)).map(
        ([key, value]) => `"${key}": ${jsonText(value)},\n`,
      );
      yield `{\n${members.join('')}"hosts": [`;
    },
    *item(host) {
      yield separator;
      yield* hostPieces(host, report.scan.plan.ports);
      separator = ',\n';
    },
    *tail(ending) {
      yield `\n],\n"ending": ${jsonText(ending)}\n}\n`;
    },
  };
};

/** The same document as a value, for a program: all hosts are in it. */
export async function jsonReport(report: Report, options: FormatOptions) {
  const hosts: ReturnType<typeof jsonHost>[] = [];
  for await (const host of report.hosts) hosts.push(jsonHost(host, report.scan.plan.ports));
  return { ...documentHead(report, options), hosts, ending: { kind: 'finished' } as const };
}

function documentHead({ scan, summary }: Pick<Report, 'scan' | 'summary'>, options: FormatOptions) {
  return {
    schemaVersion: JSON_SCHEMA_VERSION,
    generator: { name: 'portfleet', version: options.version, writtenAt: isoTime(options.now) },
    scan: {
      id: scan.id,
      status: scan.status,
      request: scan.request,
      ports: formatPorts(scan.plan.ports),
      timing: scan.plan.timing.template,
      detect: scan.plan.detect,
      submittedAt: isoTime(scan.submittedAt),
      finishedAt: scan.finishedAt === null ? null : isoTime(scan.finishedAt),
      imported: scan.imported && jsonImported(scan.imported),
    },
    summary: {
      planned: summary.planned,
      settled: summary.settled,
      unprobed: summary.unprobed,
      pending: summary.pending,
      asks: {
        sent: summary.tally.sent,
        answered: summary.tally.answered,
        answeredRetries: summary.tally.answeredRetries,
        mostAttempts: summary.tally.mostAttempts,
        smoothedRttMs: summary.tally.smoothedRtt === null ? null : roundMillis(summary.tally.smoothedRtt),
        answersPerSecond: summary.tally.answersPerSecond ?? null,
        pings: summary.tally.pings ?? 0,
        pingsAnswered: summary.tally.pingsAnswered ?? 0,
        pacedTo: summary.tally.pacedTo ?? null,
      },
      silences: silencesOf(summary).map(jsonSilence),
      ...(summary.unheard && { unheard: { hosts: summary.unheard.hosts, beyondMs: summary.unheard.beyond } }),
      suspicions: summary.anomalies.map(jsonAnomaly),
      ...(summary.anomaliesLeftOut && { suspicionsLeftOut: summary.anomaliesLeftOut }),
      ...(summary.cost && { cost: summary.cost }),
      durationMs: roundMillis(summary.duration),
      duration: durationText(summary.duration),
    },
  };
}

const jsonSilence = ({ address, from, until, ports }: Incident) => ({
  address,
  heardUntil: isoTime(from),
  heardAgain: until === null ? null : isoTime(until),
  portsNotTold: ports,
});

/** What is stored, with its times as all others are written. */
const jsonAnomaly = (anomaly: Anomaly) =>
  anomaly.kind === 'reset-everything'
    ? {
        ...anomaly,
        since: isoTime(anomaly.since),
        until: anomaly.until === null ? null : isoTime(anomaly.until),
      }
    : anomaly;

/** The hosts' own facts stand at the hosts. */
const jsonImported = ({ file, tool, ports, incomplete, notes }: ImportFacts) => ({
  file,
  tool,
  ports,
  incomplete,
  notes,
});

const jsonHost = (host: HostReport, planned: PortSet) => ({
  ...beforePorts(host),
  ports: host.findings.map(jsonFinding),
  ...afterPorts(host, planned),
});

/** The text of the same, port by port: as one value and one text, 65,535 open ports are some 60 MB. */
function* hostPieces(host: HostReport, planned: PortSet): Generator<string> {
  yield `${jsonText(beforePorts(host)).slice(0, -1)},"ports":[`;
  for (const [index, finding] of host.findings.entries())
    yield `${index > 0 ? ',' : ''}${jsonText(jsonFinding(finding))}`;
  yield `],${jsonText(afterPorts(host, planned)).slice(1)}`;
}

const beforePorts = (host: HostReport) => ({
  address: host.address,
  names: host.names,
  reverseNames: host.reverseNames,
  presence: presenceOf(host).state,
  mac: host.facts?.mac,
  vendor: host.facts?.vendor,
  status: host.facts?.status,
});

const afterPorts = (host: HostReport, planned: PortSet) => ({
  otherPorts: host.runs.map(jsonRun),
  account: host.account && jsonAccount(host, host.account, planned),
});

function jsonAccount(host: HostReport, { resource, region }: AccountAddress, planned: PortSet) {
  const exposure = exposureOf(host, planned);
  return {
    ...{ resource, region },
    securityGroups: exposure && {
      openNotAllowed: formatPorts(exposure.openNotAllowed),
      allowedNotOpen: formatPorts(exposure.allowedNotOpen),
      openToAnyone: formatPorts(exposure.openToAnyone),
    },
  };
}

/** A settled run has `state` and `reason`, an unprobed one has `unprobed` with the cause, a pending one `pending`. */
function jsonRun({ protocol, first, last, count, verdict }: PortRun) {
  const range = { protocol, first, last, count };
  if (isSettled(verdict)) return { ...range, ...stateAndReason(verdict) };
  return verdict === 'pending'
    ? { ...range, pending: true }
    : { ...range, unprobed: verdict.slice('unprobed/'.length) };
}

/** An open port as the JSON formats show it. Members that are undefined are left out of the text. */
export const jsonFinding = (finding: Finding) => ({
  protocol: finding.protocol,
  port: finding.port,
  state: finding.state,
  reason: finding.reason,
  service: jsonService(finding.service, usualNameOf(finding, finding.service)),
  banner: finding.banner,
  tls: finding.tls && jsonTls(finding.tls, finding.seenAt),
  seenAt: isoTime(finding.seenAt),
  rttMs: roundMillis(finding.rtt),
  attempt: finding.attempt,
});

/** Written out, for that is read off once for each open port: spread objects would take half of the time of a report. */
const jsonService = (service: Service, usually: string | undefined) => ({
  name: service.name,
  method: service.method,
  product: service.product,
  version: service.version,
  info: service.info,
  cpe: service.cpe?.map(cpe23),
  hostname: service.hostname,
  ostype: service.ostype,
  devicetype: service.devicetype,
  tunnel: service.tunnel,
  http: service.http,
  ssh: service.ssh,
  fingerprint: service.fingerprint,
  confidence: service.confidence,
  usually,
});

export function jsonTls(tls: TlsFacts, seenAt: EpochMillis) {
  const { version, accepts, cipher, ephemeralKey, alpn, serverName, startTls, certificate } = tls;
  return {
    version,
    accepts,
    cipher,
    ephemeralKey,
    alpn,
    serverName,
    startTls,
    certificate: certificate && {
      ...certificate,
      ...(certificate.issuers && {
        issuers: certificate.issuers.map((issuer) => ({ ...issuer, validTo: isoTime(issuer.validTo) })),
      }),
      validFrom: isoTime(certificate.validFrom),
      validTo: isoTime(certificate.validTo),
      daysLeft: daysLeft(certificate, seenAt),
    },
    concerns: [...certificateConcerns(tls, seenAt), ...tlsWeaknesses(tls)],
  };
}
