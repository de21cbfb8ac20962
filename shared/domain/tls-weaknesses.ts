import type { TlsFacts } from './tls-facts.ts';

/** What is weak in a TLS session and in the keys behind it, in the order in which it is told. */
const TLS_WEAKNESSES = [
  'old-protocol',
  'accepts-old-protocol',
  'weak-cipher',
  'no-forward-secrecy',
  'weak-dh',
  'weak-key',
  'weak-signature',
] as const;

export type TlsWeakness = (typeof TLS_WEAKNESSES)[number];

/** Bits that RSA and Diffie-Hellman over prime fields need (NIST SP 800-131A, RFC 9325 section 4.4). */
const LEAST_BITS = 2_048;

/** Names of IANA: an RSA key exchange, and ciphers that RFC 9325 section 4.2 forbids or advises against. */
const STATIC_RSA = /^TLS_RSA_WITH_/;
const WEAK_CIPHERS = /NULL|EXPORT|RC4|RC2|IDEA|_DES_|3DES|_anon_|_MD5$/;

/** Deprecated in 2021 (RFC 8996). */
const OLD = /^(?:SSL|TLSv1$|TLSv1\.0$|TLSv1\.1$)/;

const bitsOf = (text: string | undefined, kind: RegExp): number | null => {
  const bits = kind.exec(text ?? '')?.[1];
  return bits === undefined ? null : Number(bits);
};

const isShort = (bits: number | null): boolean => bits !== null && bits < LEAST_BITS;

/** All that is weak in a session that was made with a client that accepts anything: the server's best, then. */
export function tlsWeaknesses({ version, accepts = [], cipher, ephemeralKey, certificate }: TlsFacts): TlsWeakness[] {
  const holds: Readonly<Record<TlsWeakness, boolean>> = {
    'old-protocol': OLD.test(version),
    // It has better, and whoever stands between can no longer choose the worse for both; RFC 8996 forbids it all the same.
    'accepts-old-protocol': !OLD.test(version) && accepts.some((each) => OLD.test(each)),
    'weak-cipher': WEAK_CIPHERS.test(cipher),
    'no-forward-secrecy': STATIC_RSA.test(cipher),
    'weak-dh': isShort(bitsOf(ephemeralKey, /^DH (\d{1,5})/)),
    'weak-key': isShort(bitsOf(certificate?.key, /^(?:RSA|RSA-PSS|DSA) (\d{1,5})/)),
    'weak-signature': /^(?:MD[245]|SHA-?1)\b/i.test(certificate?.signature ?? '') && certificate?.selfSigned === false,
  };
  return TLS_WEAKNESSES.filter((weakness) => holds[weakness]);
}

/** A weakness in words for a person. */
export function weaknessWords(weakness: TlsWeakness, facts: TlsFacts): string {
  const { version, accepts = [], cipher, ephemeralKey, certificate } = facts;
  switch (weakness) {
    case 'old-protocol':
      return `nothing newer than ${version}`;
    case 'accepts-old-protocol':
      return `still accepts ${accepts.filter((each) => OLD.test(each)).join(' and ')}`;
    case 'weak-cipher':
      return `weak cipher ${cipher}`;
    case 'no-forward-secrecy':
      return 'no forward secrecy';
    case 'weak-dh':
      return `weak key exchange (${ephemeralKey})`;
    case 'weak-key':
      return `weak key (${certificate?.key})`;
    case 'weak-signature':
      return `weak signature (${certificate?.signature})`;
    default:
      return weakness satisfies never;
  }
}
