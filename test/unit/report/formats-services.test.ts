import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { TlsFacts } from '../../../shared/domain/tls-facts.ts';
import { epochMillis } from '../../../shared/domain/units.ts';
import { type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { finding, host, OPTIONS, report, SUBMITTED_AT, tcp, whole } from '../../helpers/sample-report.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const DAY = 86_400_000;

const tls: TlsFacts = {
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  alpn: 'h2',
  serverName: 'web.example',
  startTls: null,
  certificate: {
    subject: 'CN=old.example',
    issuer: 'CN=old.example',
    names: ['old.example', '*.old.example'],
    validFrom: epochMillis(SUBMITTED_AT - 80 * DAY),
    validTo: epochMillis(SUBMITTED_AT + 10.5 * DAY),
    selfSigned: true,
    key: 'RSA 2048',
    serial: '0A',
    fingerprint: 'AB:CD',
  },
};

const NGINX = {
  name: 'http',
  method: 'probed',
  product: 'nginx',
  version: '1.24.0',
  info: 'title "Hi"',
  confidence: 10,
} as const;

/** A web server that was asked what it is, with a certificate that is wrong in three ways. */
const web = host('192.0.2.1', {
  names: ['web.example'],
  findings: [
    finding('192.0.2.1', 443, {
      service: NGINX,
      banner: 'HTTP/1.1 200 OK\r\nServer: nginx\r\n\xe9',
      tls,
    }),
  ],
});

const written = (format: FormatName): Promise<string> =>
  whole(formatReport(format, report([web], tcp([443, 443])), OPTIONS));

describe('what a port told of itself', () => {
  const concerns = 'expires in 10 days, self-signed, is not for web.example';

  it('stands in the formats for people: program, version, and what is wrong with the certificate', async () => {
    const text = await written('text');
    expect(text).toContain('443/tcp open  ssl/http nginx 1.24.0 (title "Hi") syn-ack');
    expect(text).toContain(`Certificate of 443/tcp: CN=old.example, ${concerns}\n`);
    const markdown = await written('markdown');
    expect(markdown).toContain('| 443/tcp | open | ssl/http | nginx 1.24.0 (title "Hi") | syn-ack |');
    expect(markdown).toContain(`- Certificate of 443/tcp: CN=old.example, ${concerns}\n`);
    const page = await written('html');
    expect(page).toContain('<td>nginx 1.24.0 (title &quot;Hi&quot;)</td>');
    expect(page).toContain(`<li>Certificate of 443/tcp: CN=old.example, ${concerns}</li>`);
    expect(await written('greppable')).toContain('443/open/tcp//ssl|http//nginx 1.24.0 (title "Hi")/');
  });

  it('stands in the formats for machines', async () => {
    const [port] = JSON.parse(await written('json')).hosts[0].ports;
    expect(port).toMatchObject({
      service: NGINX,
      banner: 'HTTP/1.1 200 OK\r\nServer: nginx\r\n\xe9',
      tls: {
        version: 'TLSv1.3',
        certificate: { validTo: '2026-12-03T02:20:08.123Z', daysLeft: 10 },
        concerns: ['expires-soon', 'self-signed', 'name-mismatch'],
      },
    });
    expect(JSON.parse(await written('jsonl'))).toMatchObject({
      name: 'http',
      product: 'nginx',
      version: '1.24.0',
      extra_info: 'title "Hi"',
      tls: true,
      tls_facts: { concerns: ['expires-soon', 'self-signed', 'name-mismatch'] },
    });
    expect(await written('csv')).toContain(
      `,nginx,1.24.0,"title ""Hi""","CN=old.example, ${concerns}",web.example,,,\r\n`,
    );
  });

  it('stands in nmap’s XML where nmap has it: service, tunnel, banner and ssl-cert', async () => {
    const xml = await written('xml');
    expect(xml).toContain(
      '<service name="http" product="nginx" version="1.24.0" extrainfo="title &quot;Hi&quot;" tunnel="ssl" method="probed" conf="10"/>',
    );
    expect(xml).toContain('<script id="banner" output="HTTP/1.1 200 OK\\x0d\\x0aServer: nginx\\x0d\\x0a\ufffd"/>');
    expect(xml).toContain(
      '<script id="ssl-cert" output="Subject: commonName=old.example&#10;Subject Alternative Name: DNS:old.example, DNS:*.old.example&#10;',
    );
    expect(xml).toContain('<table key="subject"><elem key="commonName">old.example</elem></table>');
    expect(xml).toContain('<table key="pubkey"><elem key="type">rsa</elem><elem key="bits">2048</elem></table>');
    expect(xml).toMatch(
      /<table key="validity"><elem key="notBefore">[\dT:-]{19}<\/elem><elem key="notAfter">[\dT:-]{19}</,
    );
    expect(xml).toContain(`<elem key="concerns">${concerns}</elem>`);
  });

  it('shows what an unknown service said, to be sent in', async () => {
    const fingerprint = 'greeting "HELLO"';
    const unknown = finding('192.0.2.1', 4242, {
      service: { name: 'vrml-multi-use', method: 'table', fingerprint },
      banner: 'HELLO',
    });
    const shown = (format: 'xml' | 'text', findings: readonly Finding[]): Promise<string> =>
      whole(formatReport(format, report([host('192.0.2.1', { findings })], tcp([4242, 4251])), OPTIONS));
    const text = await shown('text', [unknown]);
    expect(text).toContain('Fingerprint of 4242/tcp: greeting "HELLO"');
    expect(text).toContain('If you know that service, send it in (docs/services.md)');
    const ten = Array.from({ length: 10 }, (_, index) => ({
      ...unknown,
      port: (4_242 + index) as typeof unknown.port,
    }));
    expect((await shown('text', ten)).match(/Fingerprint of/g)).toHaveLength(5);
    expect(await shown('text', ten)).toContain('those services, send them in (docs/services.md); the JSON has 5 more');
    const xml = await shown('xml', [unknown]);
    expect(xml).toContain('method="table" conf="3" servicefp="greeting &quot;HELLO&quot;"/>');
  });

  const DTD = '/usr/share/nmap/nmap.dtd';
  const canLint = existsSync(DTD) && spawnSync('xmllint', ['--version']).status === 0;
  it.skipIf(!canLint)('keeps nmap’s XML valid (skipped without xmllint and the nmap.dtd of nmap)', async () => {
    const file = join(tempDir(), 'services.xml');
    writeFileSync(file, await written('xml'));
    expect(spawnSync('xmllint', ['--noout', '--dtdvalid', DTD, file], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it('is not the name of the table any more, so that nothing is guessed beside it', async () => {
    expect(await written('text')).not.toContain('USUALLY');
  });
});
