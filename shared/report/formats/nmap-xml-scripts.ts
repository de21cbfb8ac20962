import { utf8 } from '../../domain/bytes.ts';
import type { Finding } from '../../domain/finding.ts';
import type { SshFacts } from '../../domain/service-facts.ts';
import type { CertificateFacts, TlsFacts } from '../../domain/tls-facts.ts';
import type { EpochMillis } from '../../domain/units.ts';
import { concernsWords, keyWords } from './host-words.ts';
import { attributes, xmlText } from './printable.ts';
import { isoTime } from './time.ts';

/** What nmap's scripts report of a port, under their ids and in their structure, for those who read nmap's XML. */
export function scriptElements({ banner, service, tls, seenAt }: Finding): string {
  const said = banner === undefined || banner === '' ? '' : script('banner', [utf8(banner)], '');
  const keys = service.ssh?.hostKeys ? hostKeyScript(service.ssh.hostKeys) : '';
  return `${said}${tls?.certificate ? certificateScript(tls, tls.certificate, seenAt) : ''}${keys}`;
}

/** The line ends must be character numbers: as they are, a reader would take them for spaces. */
function script(id: string, lines: readonly string[], inside: string): string {
  const begin = `<script${attributes({ id })} output="${lines.map(xmlText).join('&#10;')}"`;
  return inside === '' ? `${begin}/>` : `${begin}>${inside}</script>`;
}

const elem = (key: string, value: string | number): string =>
  `<elem${attributes({ key })}>${xmlText(String(value))}</elem>`;

const elems = (facts: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(facts)
    .map(([key, value]) => (value === undefined ? '' : elem(key, value)))
    .join('');

const table = (key: string | null, inside: string): string =>
  `<table${key === null ? '' : attributes({ key })}>${inside}</table>`;

/** `ssl-cert`. Beside nmap's members stand what it does not have: the fingerprint by SHA-256, the session, and our marks. */
function certificateScript(tls: TlsFacts, certificate: CertificateFacts, seenAt: EpochMillis): string {
  const [subject, issuer] = [longNames(certificate.subject), longNames(certificate.issuer)];
  const [type, bits] = keyOf(certificate.key);
  const names = certificate.names.map((name) => `${/^[\d.]+$|:/.test(name) ? 'IP Address' : 'DNS'}:${name}`).join(', ');
  const [notBefore, notAfter] = [certificate.validFrom, certificate.validTo].map((at) => isoTime(at).slice(0, 19));
  const concerns = concernsWords(tls, seenAt).join(', ');
  const { signature } = certificate;
  const lines = [
    `Subject: ${subject.map((pair) => pair.join('=')).join('/')}`,
    ...(names === '' ? [] : [`Subject Alternative Name: ${names}`]),
    `Issuer: ${issuer.map((pair) => pair.join('=')).join('/')}`,
    `Public Key type: ${type}`,
    ...(bits === undefined ? [] : [`Public Key bits: ${bits}`]),
    ...(signature === undefined ? [] : [`Signature Algorithm: ${signature}`]),
    `Not valid before: ${notBefore}`,
    `Not valid after:  ${notAfter}`,
    `SHA-256: ${certificate.fingerprint}`,
    ...(concerns === '' ? [] : [`Concerns: ${concerns}`]),
  ];
  const alternative = table(null, elems({ name: 'X509v3 Subject Alternative Name', value: names }));
  const inside = [
    table('subject', elems(Object.fromEntries(subject))),
    table('issuer', elems(Object.fromEntries(issuer))),
    table('pubkey', elems({ type, bits })),
    ...(names === '' ? [] : [table('extensions', alternative)]),
    elems({ sig_algo: signature }),
    table('validity', elems({ notBefore, notAfter })),
    elems({
      serial: certificate.serial,
      sha256: certificate.fingerprint,
      protocol: `${tls.version} ${tls.cipher}`,
      accepts: tls.accepts?.join(', '),
      concerns: concerns === '' ? undefined : concerns,
    }),
  ];
  return script('ssl-cert', lines, inside.join(''));
}

/** OpenSSL's short names of attributes, and the long ones that nmap writes (X.520). */
const LONG_NAMES: Readonly<Record<string, string>> = {
  CN: 'commonName',
  O: 'organizationName',
  OU: 'organizationalUnitName',
  C: 'countryName',
  ST: 'stateOrProvinceName',
  L: 'localityName',
  DC: 'domainComponent',
};

/** "CN=example.org, O=Example, Inc." as pairs: a comma begins a new one only before a name and "=". */
const longNames = (name: string): [key: string, value: string][] =>
  name === ''
    ? []
    : name.split(/, (?=[A-Za-z][A-Za-z0-9.]{0,31}=)/).map((attribute) => {
        const [key = '', ...rest] = attribute.split('=');
        return [LONG_NAMES[key] ?? key, rest.join('=')];
      });

/** "RSA 2048" and "EC prime256v1" in nmap's words. */
function keyOf(key: string): [type: string, bits: number | undefined] {
  const [type = '', size] = key.toLowerCase().split(' ');
  const bits = /^\d+$/.test(size ?? '') ? size : /(?:prime|secp|sect|brainpoolp)(\d{3})/.exec(size ?? '')?.[1];
  return [type, bits === undefined ? undefined : Number(bits)];
}

/** `ssh-hostkey`, with the fingerprint that `ssh-keygen -l` shows. */
function hostKeyScript(keys: NonNullable<SshFacts['hostKeys']>): string {
  const lines = keys.map(({ type, bits, fingerprint }) => `  ${bits ?? '?'} ${fingerprint} (${keyWords(type, null)})`);
  const tables = keys.map(({ type, bits, fingerprint }) =>
    table(null, elems({ type, bits: bits ?? undefined, fingerprint })),
  );
  return script('ssh-hostkey', ['', ...lines], tables.join(''));
}
