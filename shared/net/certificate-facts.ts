import type { X509Certificate } from 'node:crypto';
import type { CertificateFacts, IssuerFacts } from '../domain/tls-facts.ts';
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
      ...signatureOf(certificate),
      ...issuersOf(certificate),
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

/** Object identifiers of signature algorithms in DER, without their tag (RFC 3279, RFC 4055, RFC 5758, RFC 8410). */
const SIGNATURES: Readonly<Record<string, string>> = {
  '06092a864886f70d010104': 'MD5 RSA',
  '06092a864886f70d010105': 'SHA1 RSA',
  '06092a864886f70d01010b': 'SHA256 RSA',
  '06092a864886f70d01010c': 'SHA384 RSA',
  '06092a864886f70d01010d': 'SHA512 RSA',
  '06092a864886f70d01010a': 'RSA-PSS',
  '06072a8648ce3d0401': 'SHA1 ECDSA',
  '06082a8648ce3d040302': 'SHA256 ECDSA',
  '06082a8648ce3d040303': 'SHA384 ECDSA',
  '06082a8648ce3d040304': 'SHA512 ECDSA',
  '06072a8648ce380403': 'SHA1 DSA',
  '06032b6570': 'ED25519',
  '06032b6571': 'ED448',
};

/** The algorithm stands behind the part that is signed, the first member of the certificate (RFC 5280 section 4.1). */
function signatureOf({ raw }: X509Certificate): Pick<CertificateFacts, 'signature'> {
  const outer = contentAt(raw, 0);
  const signed = contentAt(raw, outer.start);
  const algorithm = contentAt(raw, signed.end);
  const identifier = contentAt(raw, algorithm.start);
  const signature = SIGNATURES[raw.subarray(algorithm.start, identifier.end).toString('hex')];
  return signature === undefined ? {} : { signature };
}

/** Where the contents of the element of DER at `at` begin and end (X.690 section 8.1). */
function contentAt(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = der[at + 1] ?? 0;
  const count = first < 0x80 ? 0 : first & 0x7f;
  const length = count === 0 ? first : der.readUIntBE(at + 2, Math.min(count, 6));
  const start = at + 2 + count;
  return { start, end: start + length };
}

/** Certificates of a chain that are kept: public authorities send two. */
const LONGEST_CHAIN = 10;

/** The peer may send one certificate twice, or a circle of them: each is told once, up to the first that says nothing. */
function issuersOf(certificate: X509Certificate): Pick<CertificateFacts, 'issuers'> {
  const seen = new Set([certificate.fingerprint256]);
  const issuers: IssuerFacts[] = [];
  let next = certificate.issuerCertificate;
  while (next && issuers.length < LONGEST_CHAIN && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256);
    const issuer = issuerFacts(next);
    if (!issuer) break;
    issuers.push(issuer);
    next = next.issuerCertificate;
  }
  return issuers.length === 0 ? {} : { issuers };
}

/** Undefined for one whose time cannot be read: the certificate that it came with is told all the same. */
function issuerFacts({ subject, issuer, validTo, fingerprint256 }: X509Certificate): IssuerFacts | undefined {
  const time = Date.parse(validTo);
  if (Number.isNaN(time)) return undefined;
  return {
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    validTo: epochMillis(time),
    fingerprint: fingerprint256,
  };
}
