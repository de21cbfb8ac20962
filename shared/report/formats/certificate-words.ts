import { certificateConcerns, concernWords } from '../../domain/certificate-concerns.ts';
import type { Finding } from '../../domain/finding.ts';
import type { TlsFacts } from '../../domain/tls-facts.ts';
import type { EpochMillis } from '../../domain/units.ts';

/** "CN=example.org, expires in 12 days, self-signed": what is worth knowing of the certificate of a port, if it has one. */
export const certificateWords = ({ tls, seenAt }: Finding): string | undefined =>
  tls?.certificate ? [tls.certificate.subject || 'no subject', ...concernsWords(tls, seenAt)].join(', ') : undefined;

/** Everything that was wrong with the certificate when it was seen. */
export const concernsWords = (tls: TlsFacts, seenAt: EpochMillis): string[] =>
  certificateConcerns(tls, seenAt).map((concern) => concernWords(concern, tls, seenAt));

/** The same as a note on the host, if there is anything to note. */
export function certificateNotes(finding: Finding): string[] {
  const words = certificateWords(finding);
  return words === undefined ? [] : [`Certificate of ${finding.port}/${finding.protocol}: ${words}`];
}
