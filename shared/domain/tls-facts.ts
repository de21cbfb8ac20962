import type { EpochMillis } from './units.ts';

/** The versions that a client of today can offer, the newest first, as OpenSSL names them (SSL 3.0: RFC 7568 ended it). */
export const TLS_VERSIONS = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'] as const;

export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** What a TLS handshake told. All text in it comes from the network. */
export interface TlsFacts {
  /** "TLSv1.3", as OpenSSL names it. */
  readonly version: string;
  /**
   * The versions that the server accepts when they are offered alone, the newest first. Absent where they were not asked
   * for, or one of them could not be tried.
   */
  readonly accepts?: readonly TlsVersion[];
  /** The cipher suite, as IANA names it. */
  readonly cipher: string;
  /** The server's key of this session alone: "ECDH X25519", "DH 1024". Absent where there was none, or it is not known. */
  readonly ephemeralKey?: string;
  /** The protocol that the server chose of those that were offered. */
  readonly alpn: string | null;
  /** The name that was asked for (SNI); null where the scan knows only an address. */
  readonly serverName: string | null;
  /** The session began in plain text, which this service name says how to leave ("smtp", "postgresql"). */
  readonly startTls: string | null;
  /** Null where the server showed none, or one that cannot be read. */
  readonly certificate: CertificateFacts | null;
}

/** An X.509 certificate, as far as a reader of a report wants to know it. */
export interface CertificateFacts {
  /** "CN=example.org, O=Example": the attributes in the order of the certificate. */
  readonly subject: string;
  readonly issuer: string;
  /** The subject alternative names: host names and addresses. */
  readonly names: readonly string[];
  readonly validFrom: EpochMillis;
  readonly validTo: EpochMillis;
  /** It names itself as issuer, and its own key made the signature. */
  readonly selfSigned: boolean;
  /** "RSA 2048", "EC prime256v1". */
  readonly key: string;
  /** Hash and key of the signature on it: "SHA256 RSA", "SHA1 RSA", "ED25519". Absent where it is of no known kind. */
  readonly signature?: string;
  /** Certificates that the server sent with it, the issuer's first; absent where it sent none. */
  readonly issuers?: readonly IssuerFacts[];
  /** Their subjects alone, in scans that are stored from before there were `issuers`. */
  readonly chain?: readonly string[];
  /** Hexadecimal. */
  readonly serial: string;
  /** SHA-256 of the whole certificate, as "AB:CD:…". */
  readonly fingerprint: string;
}

/** A certificate that a server sent along with its own. */
export interface IssuerFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: EpochMillis;
  readonly fingerprint: string;
}
