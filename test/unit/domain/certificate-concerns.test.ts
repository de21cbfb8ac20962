import { describe, expect, it } from 'vitest';
import { certificateConcerns, concernWords, daysLeft } from '../../../shared/domain/certificate-concerns.ts';
import type { CertificateFacts, TlsFacts } from '../../../shared/domain/tls-facts.ts';
import { epochMillis } from '../../../shared/domain/units.ts';

const DAY = 86_400_000;
const NOW = epochMillis(Date.UTC(2026, 10, 22, 12));
const inDays = (days: number) => epochMillis(NOW + days * DAY);

const certificate = (more: Partial<CertificateFacts>): CertificateFacts => ({
  subject: 'CN=www.example.org',
  issuer: 'CN=Example CA',
  names: ['www.example.org'],
  validFrom: inDays(-30),
  validTo: inDays(60),
  selfSigned: false,
  key: 'EC prime256v1',
  serial: '01',
  fingerprint: 'AB',
  ...more,
});

const facts = (more: Partial<CertificateFacts>, serverName: string | null = 'www.example.org'): TlsFacts => ({
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  alpn: null,
  serverName,
  startTls: null,
  certificate: certificate(more),
});

const concerns = (tls: TlsFacts) => certificateConcerns(tls, NOW);
const words = (tls: TlsFacts) => concerns(tls).map((each) => concernWords(each, tls, NOW));

describe('a certificate', () => {
  it('that holds, and fits the name, is of no concern', () => {
    expect(concerns(facts({}))).toEqual([]);
    expect(certificateConcerns({ ...facts({}), certificate: null }, NOW)).toEqual([]);
  });

  it.each([
    [60, []],
    [30, []],
    [29.999, ['expires in 29 days']],
    [1.5, ['expires in 1 day']],
    [0.5, ['expires today']],
    [-0.5, ['expired today']],
    [-1.5, ['expired 1 day ago']],
    [-400.5, ['expired 400 days ago']],
  ])('that ends in %d days says so: %j', (days, said) => {
    expect(words(facts({ validTo: inDays(days) }))).toEqual(said);
  });

  it('counts whole days, and days that are over as negative', () => {
    expect(daysLeft(certificate({ validTo: inDays(12.9) }), NOW)).toBe(12);
    expect(daysLeft(certificate({ validTo: inDays(-0.1) }), NOW)).toBe(-1);
  });

  it('that is not valid yet, or signed by itself, says so', () => {
    expect(words(facts({ validFrom: inDays(1) }))).toEqual(['not valid yet']);
    expect(words(facts({ selfSigned: true }))).toEqual(['self-signed']);
  });

  it.each([
    ['www.example.org', ['www.example.org'], true],
    ['WWW.Example.ORG', ['www.example.org'], true],
    ['www.example.org', ['www.example.org.'], true],
    ['www.example.org', ['*.example.org'], true],
    ['a.www.example.org', ['*.example.org'], false],
    ['example.org', ['*.example.org'], false],
    ['www.example.org', ['*'], false],
    ['www.example.org', ['w*.example.org'], false],
    ['org', ['*.org'], false],
    ['www.example.org', [], false],
    ['www.example.org', ['mail.example.org', 'www.example.org'], true],
  ])('for %s that names %j fits: %s', (serverName, names, fits) => {
    const tls = facts({ names, subject: `CN=${serverName}` }, serverName);
    expect(concerns(tls)).toEqual(fits ? [] : ['name-mismatch']);
    if (!fits) expect(words(tls)).toEqual([`is not for ${serverName}`]);
  });

  it('is not held against a name that nobody asked for', () => {
    expect(concerns(facts({ names: [] }, null))).toEqual([]);
  });
});
