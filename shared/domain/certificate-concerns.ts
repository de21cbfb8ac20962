import type { CertificateFacts, TlsFacts } from './tls-facts.ts';
import type { EpochMillis } from './units.ts';

/** What may be wrong with a certificate, in the order in which it is told. */
export const CERTIFICATE_CONCERNS = [
  'expired',
  'not-yet-valid',
  'expires-soon',
  'self-signed',
  'name-mismatch',
] as const;

export type CertificateConcern = (typeof CERTIFICATE_CONCERNS)[number];

/** Automatic renewal starts 30 days before the end (of 90): what is nearer than that was not renewed. */
export const SOON_DAYS = 30;

const DAY = 86_400_000;

/** Whole days from `at` to the end of the certificate; negative when it is past. */
export const daysLeft = ({ validTo }: CertificateFacts, at: EpochMillis): number => Math.floor((validTo - at) / DAY);

/** All that was wrong with the certificate when it was seen. The name is judged only where one was asked for. */
export function certificateConcerns({ certificate, serverName }: TlsFacts, seenAt: EpochMillis): CertificateConcern[] {
  if (certificate === null) return [];
  const holds: Readonly<Record<CertificateConcern, boolean>> = {
    expired: certificate.validTo < seenAt,
    'not-yet-valid': certificate.validFrom > seenAt,
    'expires-soon': certificate.validTo >= seenAt && certificate.validTo - seenAt < SOON_DAYS * DAY,
    'self-signed': certificate.selfSigned,
    'name-mismatch': serverName !== null && !certificate.names.some((name) => matchesName(name, serverName)),
  };
  return CERTIFICATE_CONCERNS.filter((concern) => holds[concern]);
}

/** A concern in words for a person. */
export function concernWords(
  concern: CertificateConcern,
  { certificate, serverName }: TlsFacts,
  seenAt: EpochMillis,
): string {
  const days = certificate === null ? 0 : daysLeft(certificate, seenAt);
  switch (concern) {
    case 'expired':
      return days === -1 ? 'expired today' : `expired ${counted(-days - 1)} ago`;
    case 'not-yet-valid':
      return 'not valid yet';
    case 'expires-soon':
      return days === 0 ? 'expires today' : `expires in ${counted(days)}`;
    case 'self-signed':
      return 'self-signed';
    case 'name-mismatch':
      return `is not for ${serverName}`;
    default:
      return concern satisfies never;
  }
}

const counted = (days: number): string => (days === 1 ? '1 day' : `${days} days`);

/**
 * RFC 9525 section 6.3: case does not matter, and a star stands for exactly one label, the leftmost. The subject's
 * common name is not looked at; browsers stopped in 2017.
 */
function matchesName(presented: string, wanted: string): boolean {
  const [name, host] = [plain(presented), plain(wanted)];
  if (!name.startsWith('*.')) return name === host;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === name.slice(1);
}

/** Lower case, and without the dot of the root. */
const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
