import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAddresses } from '../../../shared/domain/addresses/address-line.ts';
import type { Service } from '../../../shared/domain/finding.ts';
import type { HostReport } from '../../../shared/domain/report.ts';
import { unguarded } from '../../../shared/report/formats/csv.ts';
import { FORMATS, type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { printable } from '../../../shared/report/formats/printable.ts';
import { arbitraryReport, HOSTILE } from '../../helpers/arbitrary-report.ts';
import { imported } from '../../helpers/import-file.ts';
import { readCsv } from '../../helpers/read-csv.ts';
import { finding, host, OPTIONS, report, tcp, whole } from '../../helpers/sample-report.ts';

const RUNS = { numRuns: 20 };

/** The service with every text printed: what formats without a way to write control characters can carry. */
const printedService = (service: Service): Service =>
  Object.fromEntries(
    Object.entries(service).map(([key, value]) => [key, typeof value === 'string' ? printable(value) : value]),
  ) as unknown as Service;

const printed = (host: HostReport): HostReport => ({
  ...host,
  names: [...new Set(host.names.map(printable))],
  findings: host.findings.map((each) => ({ ...each, service: printedService(each.service) })),
});

const inOrder = (hosts: readonly HostReport[]): HostReport[] =>
  [...hosts].sort((a, b) => compareAddresses(a.address, b.address));

interface JsonHost {
  address: string;
  names: string[];
  ports: Record<string, unknown>[];
  otherPorts: Record<string, unknown>[];
}

/** The inverse of how TLS facts are shown: dates are numbers again, and what was concluded is left out. */
function tlsOfJson(shown: { certificate: { validFrom: string; validTo: string } | null; concerns: unknown }): unknown {
  const { concerns: _, certificate, ...rest } = shown;
  if (!certificate) return { ...rest, certificate };
  const {
    daysLeft: __,
    validFrom,
    validTo,
    issuers: shownIssuers,
    ...facts
  } = certificate as Record<'daysLeft' | 'validFrom' | 'validTo', string> & { issuers?: { validTo: string }[] };
  const issuers = shownIssuers?.map((issuer) => ({ ...issuer, validTo: Date.parse(issuer.validTo) }));
  const times = { validFrom: Date.parse(validFrom), validTo: Date.parse(validTo) };
  return { ...rest, certificate: { ...facts, ...times, ...(issuers && { issuers }) } };
}

// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives
function findingOfJson(address: string, { service, seenAt, rttMs: rtt, tls, ...rest }: any): unknown {
  const { usually: _, ...named } = service;
  return { address, ...rest, service: named, seenAt: Date.parse(seenAt), rtt, ...(tls && { tls: tlsOfJson(tls) }) };
}

// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives
function findingOfLine(line: any): unknown {
  const {
    host: _,
    names: _names,
    ip,
    timestamp,
    name,
    method,
    usually: __,
    product,
    version,
    extra_info: info,
    confidence,
    ...rest
  } = line;
  const { rtt_ms: rtt, tls: ___, tls_facts: tls, ...others } = rest;
  const service = { name, method, product, version, info, confidence };
  return { address: ip, ...others, service, rtt, seenAt: Date.parse(timestamp), ...(tls && { tls: tlsOfJson(tls) }) };
}

describe('a report that is written and read back', () => {
  it('comes out of the XML with every finding, every state and every gap', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, fc.integer({ min: 1, max: 5000 }), async ({ hosts, make }, size) => {
        const xml = await whole(formatReport('xml', make(), OPTIONS));
        const read = await imported(xml, 'report.xml', Math.max(size, Math.floor(xml.length / 5000)));
        expect(read.notes).toEqual([]);
        expect(read.all).toEqual(inOrder(hosts).map(printed));
      }),
      RUNS,
    );
  });

  it('comes out of the XML with texts of 64 KB, whatever they consist of', async () => {
    // Four parts share a text, each with 16 KB in a row.
    const texts = Array.from({ length: Math.ceil(HOSTILE.length / 4) }, (_, index) =>
      HOSTILE.slice(4 * index, 4 * index + 4)
        .map((part) => part.repeat(16_384 / part.length))
        .join(''),
    );
    const findings = texts.map((name, index) => finding('192.0.2.1', index, { service: { name, method: 'probed' } }));
    const hosts = [host('192.0.2.1', { findings })];
    const xml = await whole(formatReport('xml', report(hosts, tcp([0, texts.length - 1])), OPTIONS));
    const { all } = await imported(xml, 'report.xml', 10_007);
    const names = all[0]?.findings.map(({ service }) => service.name);
    expect(names).toEqual(findings.map(({ service }) => printable(service.name)));
  });

  it('comes out of the JSON lines with every finding as it was', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ hosts, make }) => {
        const lines = (await whole(formatReport('jsonl', make(), OPTIONS))).split('\n').slice(0, -1);
        expect(lines.map((line) => findingOfLine(JSON.parse(line)))).toEqual(hosts.flatMap((host) => host.findings));
      }),
      RUNS,
    );
  });

  it('comes out of the JSON with every finding as it was, and every other port', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ hosts, make }) => {
        const document = JSON.parse(await whole(formatReport('json', make(), OPTIONS)));
        const read = document.hosts.map(({ address, names, ports, otherPorts }: JsonHost) => ({
          address,
          names,
          findings: ports.map((each) => findingOfJson(address, each)),
          runs: otherPorts.map(({ state, reason, unprobed, pending, ...run }) => ({
            ...run,
            verdict: pending ? 'pending' : unprobed ? `unprobed/${unprobed}` : `${state}/${reason}`,
          })),
        }));
        expect(read).toEqual(hosts);
      }),
      RUNS,
    );
  });

  it('comes out of the CSV with every finding, and no field a spreadsheet would compute', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ hosts, make }) => {
        const [header, ...records] = readCsv(await whole(formatReport('csv', make(), OPTIONS)));
        for (const record of records) for (const field of record) expect(field).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
        const findings = records.map((record) => {
          const value = (name: string): string => unguarded(record[header?.indexOf(name) ?? -1] ?? '');
          return {
            address: value('ip'),
            protocol: value('protocol'),
            port: Number(value('port')),
            state: value('state'),
            reason: value('reason'),
            service: { name: value('service'), method: value('method') },
            product: value('product'),
            version: value('version'),
            info: value('info'),
            seenAt: Date.parse(value('timestamp')),
            rtt: Number(value('rtt_ms')),
            attempt: Number(value('attempt')),
          };
        });
        expect(findings).toEqual(
          hosts
            .flatMap((host) => printed(host).findings)
            .map(
              ({ banner: _, tls: __, service: { name, method, product = '', version = '', info = '' }, ...rest }) => ({
                ...rest,
                service: { name, method },
                product,
                version,
                info,
              }),
            ),
        );
      }),
      RUNS,
    );
  });

  it('never lets a control character through, in any format', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryReport,
        fc.constantFrom(...(Object.keys(FORMATS) as FormatName[])),
        async ({ make }, format) => {
          expect(await whole(formatReport(format, make(), OPTIONS))).not.toMatch(
            /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e\u2028\ufffe]/,
          );
        },
      ),
      RUNS,
    );
  });
});
