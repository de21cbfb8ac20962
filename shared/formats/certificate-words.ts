import { certificateConcerns, concernWords } from '../domain/certificate-concerns.ts';
import type { Finding } from '../domain/finding.ts';

/** "CN=example.org, expires in 12 days, self-signed": what is worth knowing of the certificate of a port, if it has one. */
export function certificateWords({ tls, seenAt }: Finding): string | undefined {
  if (!tls?.certificate) return undefined;
  const concerns = certificateConcerns(tls, seenAt).map((concern) => concernWords(concern, tls, seenAt));
  return [tls.certificate.subject || 'no subject', ...concerns].join(', ');
}

/** The same as a note on the host, if there is anything to note. */
export function certificateNotes(finding: Finding): string[] {
  const words = certificateWords(finding);
  return words === undefined ? [] : [`Certificate of ${finding.port}/${finding.protocol}: ${words}`];
}
