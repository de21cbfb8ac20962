import { certificateConcerns, daysLeft } from '../../domain/certificate-concerns.ts';
import type { Finding, Service } from '../../domain/finding.ts';
import type { TlsFacts } from '../../domain/tls-facts.ts';
import type { EpochMillis } from '../../domain/units.ts';
import { isoTime, roundMillis } from './time.ts';
import { usualNameOf } from './usual-name.ts';

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

const jsonService = ({ name, method, product, version, info, confidence }: Service, usually: string | undefined) => ({
  name,
  method,
  product,
  version,
  info,
  confidence,
  usually,
});

export function jsonTls(tls: TlsFacts, seenAt: EpochMillis) {
  const { version, cipher, alpn, serverName, startTls, certificate } = tls;
  return {
    version,
    cipher,
    alpn,
    serverName,
    startTls,
    certificate: certificate && {
      ...certificate,
      validFrom: isoTime(certificate.validFrom),
      validTo: isoTime(certificate.validTo),
      daysLeft: daysLeft(certificate, seenAt),
    },
    concerns: certificateConcerns(tls, seenAt),
  };
}
