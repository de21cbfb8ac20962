import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, describe, expect, it } from 'vitest';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { HostReport, Report } from '../../../shared/domain/report.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import { finding, host, OPTIONS, port, report, run, whole } from '../../helpers/sample-report.ts';

const DTD = '/usr/share/nmap/nmap.dtd';
const works = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const noLint =
  existsSync(DTD) && works('xmllint', '--version') ? '' : ' (skipped: needs xmllint and the nmap.dtd of nmap)';
const noNdiff = works('ndiff', '--help') ? '' : ' (skipped: needs ndiff)';
const noLibnmap = works('python3', '-c', 'import libnmap') ? '' : ' (skipped: needs python-libnmap)';

const folder = mkdtempSync(join(tmpdir(), 'portfleet-xml-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the style of nmap's XML", () => {
  const head = async (stylesheet?: string | null): Promise<string> =>
    (await whole(formatReport('xml', report([], portSet([], [])), { ...OPTIONS, stylesheet }))).split('<nmaprun')[0] ??
    '';

  it('stands in the document, is the one that was named, or none', async () => {
    expect(await head()).toContain('<?xml-stylesheet type="text/css" href="data:text/css,');
    expect(await head('https://x.example/a.xsl?a&b')).toContain(
      '<?xml-stylesheet type="text/xsl" href="https://x.example/a.xsl?a&amp;b"?>',
    );
    expect(await head('mine.css')).toContain('<?xml-stylesheet type="text/css" href="mine.css"?>');
    expect(await head(null)).not.toContain('stylesheet');
  });
});

async function written(each: Report, name: string, options = OPTIONS): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, await whole(formatReport('xml', each, options)));
  return file;
}

const ports = portSet(
  [
    [port(1), port(300)],
    [port(8080), port(8081)],
  ],
  [[port(1), port(60)]],
);
const hostile = ']]>--\u001b"\'<&\u0000😀';
const hosts: HostReport[] = [
  host('192.0.2.1', {
    names: ['web.example', `evil${hostile}`],
    findings: [
      finding('192.0.2.1', 22, { service: { name: 'ssh', method: 'table' } }),
      finding('192.0.2.1', 8080, { service: { name: hostile, method: 'probed' } }),
      finding('192.0.2.1', 8081),
      finding('192.0.2.1', 53, { protocol: 'udp', service: { name: 'domain', method: 'table' } }),
    ],
    runs: [
      run(1, 21, 'closed/conn-refused'),
      run(23, 100, 'closed/conn-refused'),
      run(101, 150, 'filtered/no-response'),
      run(151, 160, 'filtered/host-unreach'),
      run(161, 300, 'unprobed/deadline'),
      run(1, 52, 'open|filtered/no-response', 'udp'),
      run(54, 60, 'closed/port-unreach', 'udp'),
    ],
  }),
  host('192.0.2.2', { runs: [run(1, 300, 'filtered/host-unreach')] }),
  host('192.0.2.3', { runs: [run(1, 300, 'filtered/no-response')] }),
  host('2001:db8::1', { runs: [run(1, 300, 'pending')] }),
];
const options = { ...OPTIONS, args: 'portfleet scan -- "a--b" ---> -oX -' };

describe('the nmap XML', () => {
  it.skipIf(noLint)(`is valid by nmap’s own DTD${noLint}`, async () => {
    for (const each of [
      report(hosts, ports),
      report([], ports),
      report([host('192.0.2.9')], ports, { scan: { status: 'cancelled' } }),
    ]) {
      const file = await written(each, 'valid.xml', options);
      expect(spawnSync('xmllint', ['--noout', '--dtdvalid', DTD, file], { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
  });

  it('tells each host as far as its ports tell', async () => {
    const xml = await whole(formatReport('xml', report(hosts, ports), options));
    expect(xml.match(/<status [^>]*>/g)).toEqual([
      '<status state="up" reason="syn-ack" reason_ttl="0"/>',
      '<status state="down" reason="host-unreach" reason_ttl="0"/>',
      '<status state="up" reason="user-set" reason_ttl="0"/>',
      '<status state="unknown" reason="unknown-response" reason_ttl="0"/>',
    ]);
    expect(xml).toContain('<hosts up="2" down="1" total="4"/>');
    expect(xml.match(/<hostnames>/g)).toHaveLength(4);
    expect(xml).toContain('<address addr="2001:db8::1" addrtype="ipv6"/>');
  });

  it('folds a state once, with the ports of each reason, and counts no gap as a state', async () => {
    const xml = await whole(formatReport('xml', report(hosts.slice(0, 1), ports), options));
    expect(xml).toContain(`<extraports state="closed" count="106">
<extrareasons reason="conn-refused" count="99" proto="tcp" ports="1-21,23-100"/>
<extrareasons reason="port-unreach" count="7" proto="udp" ports="54-60"/>
</extraports>`);
    expect(xml).toContain('<?portfleet gap protocol="tcp" verdict="unprobed/deadline" count="140" ports="161-300"?>');
    expect(xml.match(/<extraports state="(.*?)" count="(\d+)"/g)).toHaveLength(3);
  });

  it.skipIf(noNdiff)(
    `is read by ndiff, which finds no difference to itself and finds a port that closed${noNdiff}`,
    async () => {
      const before = await written(report(hosts, ports), 'before.xml', options);
      const [first, ...others] = hosts;
      const closed = { ...(first ?? host('192.0.2.1')), findings: first?.findings.slice(1) ?? [] };
      const after = await written(report([closed, ...others], ports), 'after.xml', options);
      expect(spawnSync('ndiff', [before, before], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      const changed = spawnSync('ndiff', [before, after], { encoding: 'utf8' });
      expect(changed).toMatchObject({ status: 1, stderr: '' });
      expect(changed.stdout).toMatch(/^-22\/tcp\s+open\s+ssh$/m);
    },
  );

  it.skipIf(noLibnmap)(`is read by python-libnmap${noLibnmap}`, async () => {
    const file = await written(report(hosts, ports), 'libnmap.xml', options);
    const script = `
import json, sys
from libnmap.parser import NmapParser
report = NmapParser.parse_fromfile(sys.argv[1])
host = report.hosts[0]
print(json.dumps([report.hosts_up, report.hosts_down, report.hosts_total, report.elapsed, [h.address for h in report.hosts],
  host.status, host.hostnames[0], host.get_open_ports(), [[s.port, s.protocol, s.state, s.service, s.reason] for s in host.services]]))`;
    expect(JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }))).toEqual([
      2,
      1,
      4,
      16.14,
      hosts.map(({ address }) => address),
      'up',
      'web.example',
      [
        [22, 'tcp'],
        [8080, 'tcp'],
        [8081, 'tcp'],
        [53, 'udp'],
      ],
      [
        [22, 'tcp', 'open', 'ssh', 'syn-ack'],
        [8080, 'tcp', 'open', ']]>--\\x1b"\'<&\\x00😀', 'syn-ack'],
        [8081, 'tcp', 'open', '', 'syn-ack'],
        [53, 'udp', 'open', 'domain', 'udp-response'],
      ],
    ]);
  });
});

describe('a report that ends early', () => {
  /** Gives one host, then nothing more until the end of time. */
  async function* stuck(): AsyncGenerator<HostReport> {
    yield* hosts.slice(0, 1);
    await new Promise(() => undefined);
  }
  async function* broken(): AsyncGenerator<HostReport> {
    yield* hosts.slice(0, 1);
    throw new Error('the disk is <gone>');
  }

  it('is well-formed when it is interrupted, even while it waits for a host', async () => {
    const controller = new AbortController();
    const reading = whole(
      formatReport('xml', { ...report(hosts, ports), hosts: stuck() }, { ...options, signal: controller.signal }),
    );
    setImmediate(() => controller.abort());
    const xml = await reading;
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(xml).toContain('exit="error" errormsg="the report was interrupted"/><hosts up="1" down="0" total="1"/>');
  });

  it('is closed in every format before an error of the store is thrown on', async () => {
    for (const format of ['text', 'json', 'xml', 'greppable'] as const) {
      let written = '';
      const reading = async () => {
        for await (const piece of formatReport(format, { ...report(hosts, ports), hosts: broken() }, options))
          written += piece;
      };
      await expect(reading()).rejects.toThrow('the disk is <gone>');
      if (format === 'xml') expect(XMLValidator.validate(written)).toBe(true);
      else if (format === 'json')
        expect(JSON.parse(written).ending).toEqual({ kind: 'failed', message: 'the disk is <gone>' });
      else expect(written).toContain('could not be read to its end: the disk is <gone>');
    }
  });

  it('asks the source to close when the reader loses interest', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<HostReport> {
      try {
        for (;;) yield* hosts;
      } finally {
        closed = true;
      }
    }
    const pieces = formatReport('xml', { ...report(hosts, ports), hosts: source() }, options);
    // The head, which asks for no host, and the first hosts.
    for (let piece = 0; piece < 2; piece++) await pieces.next();
    await pieces.return(undefined);
    expect(closed).toBe(true);
  });

  it('begins before its first host is read', async () => {
    async function* never(): AsyncGenerator<HostReport> {
      await new Promise(() => {});
    }
    const pieces = formatReport('text', { ...report(hosts, ports), hosts: never() }, options);
    expect((await pieces.next()).value).toMatch(/^Portfleet .* scan /);
  });
});
