import type { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../domain/tls-facts.ts';
import { type EpochMillis, epochMillis } from '../domain/units.ts';

/** Names kept of one certificate: the largest that public authorities sign have 100. */
const MOST_NAMES = 100;

/** A host name has at most 253 characters (RFC 1035), and so has here everything else that a certificate says. */
const MOST_CHARACTERS = 253;

/** The facts of a certificate, or null where it cannot be read: it is the peer's, so it may hold anything. */
export function certificateFacts(certificate: X509Certificate | undefined): CertificateFacts | null {
  if (!certificate) return null;
  try {
    return {
      subject: distinguishedName(certificate.subject),
      issuer: distinguishedName(certificate.issuer),
      names: alternativeNames(certificate.subjectAltName ?? ''),
      validFrom: moment(certificate.validFrom),
      validTo: moment(certificate.validTo),
      selfSigned: certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey),
      key: keyWords(certificate),
      serial: certificate.serialNumber,
      fingerprint: certificate.fingerprint256,
    };
  } catch {
    return null;
  }
}

/** "Nov 22 14:20:08 2026 GMT"; where the certificate holds no time, OpenSSL writes "Bad time value". */
function moment(text: string): EpochMillis {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new RangeError(`"${text}" is no time`);
  return epochMillis(time);
}

/** Node writes an attribute a line, and nothing at all for an empty name. */
const distinguishedName = (lines: string | undefined): string => clip((lines ?? '').replaceAll('\n', ', '));

/** `DNS:a.example, DNS:"b, c", IP Address:192.0.2.1`: Node quotes, as JSON does, what holds a comma or a quote. */
function alternativeNames(text: string): string[] {
  const names: string[] = [];
  for (const [, kind, value = ''] of text.matchAll(/([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    if (kind !== 'DNS' && kind !== 'IP Address') continue;
    if (names.length === MOST_NAMES) break;
    names.push(clip(value.startsWith('"') ? String(JSON.parse(value)) : value));
  }
  return names;
}

function keyWords({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = publicKey;
  const size = details?.modulusLength ?? details?.namedCurve;
  return size === undefined ? type.toUpperCase() : `${type.toUpperCase()} ${size}`;
}

const clip = (text: string): string => text.slice(0, MOST_CHARACTERS);
