import { describe, expect, it } from 'vitest';
import type { CertificateFacts, TlsFacts } from '../../../shared/domain/tls-facts.ts';
import { tlsWeaknesses, weaknessWords } from '../../../shared/domain/tls-weaknesses.ts';
import { epochMillis } from '../../../shared/domain/units.ts';

const certificate = (more: Partial<CertificateFacts>): CertificateFacts => ({
  subject: 'CN=a',
  issuer: 'CN=b',
  names: [],
  validFrom: epochMillis(0),
  validTo: epochMillis(1),
  selfSigned: false,
  key: 'RSA 2048',
  signature: 'SHA256 RSA',
  serial: '01',
  fingerprint: 'AB',
  ...more,
});

const facts = (more: Partial<TlsFacts>): TlsFacts => ({
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  ephemeralKey: 'ECDH X25519',
  alpn: null,
  serverName: null,
  startTls: null,
  certificate: certificate({}),
  ...more,
});

describe('a TLS session', () => {
  it('of today has no weakness, with or without a certificate', () => {
    expect(tlsWeaknesses(facts({}))).toEqual([]);
    expect(tlsWeaknesses(facts({ certificate: null }))).toEqual([]);
  });

  it.each([
    [{ version: 'TLSv1' }, 'nothing newer than TLSv1'],
    [{ version: 'TLSv1.1' }, 'nothing newer than TLSv1.1'],
    [{ accepts: ['TLSv1.3', 'TLSv1.1', 'TLSv1'] as const }, 'still accepts TLSv1.1 and TLSv1'],
    [{ version: 'TLSv1.2', cipher: 'TLS_RSA_WITH_AES_128_GCM_SHA256' }, 'no forward secrecy'],
    [{ cipher: 'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA' }, 'weak cipher TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA'],
    [{ ephemeralKey: 'DH 1024' }, 'weak key exchange (DH 1024)'],
    [{ certificate: certificate({ key: 'RSA 1024' }) }, 'weak key (RSA 1024)'],
    [{ certificate: certificate({ signature: 'SHA1 RSA' }) }, 'weak signature (SHA1 RSA)'],
  ])('tells of %o', (more, words) => {
    const tls = facts(more);
    expect(tlsWeaknesses(tls).map((each) => weaknessWords(each, tls))).toEqual([words]);
  });

  it('takes no offence at the signature of a certificate that signed itself: nobody relies on it', () => {
    const own = certificate({ signature: 'SHA1 RSA', selfSigned: true });
    expect(tlsWeaknesses(facts({ certificate: own }))).toEqual([]);
  });
});
