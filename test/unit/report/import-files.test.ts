import { readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openScanFile } from '../../../cli/scan-file.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import { decodeText } from '../../../shared/report/import/decode-text.ts';
import { refuseEmpty } from '../../../shared/report/import/import-scan.ts';
import { jsonSplitter } from '../../../shared/report/import/json-parts.ts';
import { readScanFile } from '../../../shared/report/import/read-scan-file.ts';
import { arbitraryReport } from '../../helpers/arbitrary-report.ts';
import { all, IMPORT_ID, type Imported, imported, readText, refusal } from '../../helpers/import-file.ts';
import { host, OPTIONS, report, run, tcp, whole } from '../../helpers/sample-report.ts';

const fixture = (name: string): URL => new URL(`../../fixtures/import/${name}`, import.meta.url);

/** As the command opens it: decompressed and decoded. */
async function opened(name: string): Promise<Imported> {
  const { imported: read } = await openScanFile(fixture(name).pathname, () => Readable.from([]));
  if (!read.ok) throw new Error(read.errors.map(({ detail }) => detail).join());
  const { notes = [] } = read.value.scan.imported ?? {};
  return { ...read.value, all: await all(read.value.hosts()), notes };
}

const asXml = async ({ scan, hosts }: Imported): Promise<string> => {
  if (!scan.summary) throw new Error('an imported scan has a summary');
  return whole(formatReport('xml', { scan, summary: scan.summary, hosts: hosts() }, OPTIONS));
};

const document = (hosts: string, more = ''): string =>
  `<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap -sS" start="1700000000" version="7.95"><scaninfo type="syn" protocol="tcp" numservices="5" services="1-5"/>${hosts}<runstats><finished time="1700000009" exit="success"/>${more}</runstats></nmaprun>`;

const hostOf = (address: string, ports: string, more = ''): string =>
  `<host><status state="up" reason="echo-reply"/><address addr="${address}" addrtype="ipv4"/>${more}<ports>${ports}</ports></host>`;

const open = (port: number, service = ''): string =>
  `<port protocol="tcp" portid="${port}"><state state="open" reason="syn-ack"/>${service}</port>`;

describe('a file whose scan did not come to its end', () => {
  it.each([
    ['twohosts-cut.xml', 'the file ends before its end; 192.0.2.9 is not complete and is left out'],
    ['exit-error.xml', 'the scan ended in an error: Strange SO_ERROR'],
  ])('%s is imported as not complete, and exported with exit="error"', async (name, why) => {
    const read = await opened(name);
    expect(read.scan).toMatchObject({ status: 'complete-with-gaps', imported: { incomplete: why } });
    expect(read.all.map(({ address }) => address)).toEqual(['192.0.2.1']);
    expect(await asXml(read)).toContain(`exit="error" errormsg="${why}"`);
  });

  it('says when it was cut off in the middle of a gzip file', async () => {
    const bytes = gzipSync(document(hostOf('192.0.2.1', open(3)).repeat(1)).padEnd(200_000, ' '));
    const stdin = new PassThrough();
    stdin.end(bytes.subarray(0, bytes.length - 20));
    const file = await openScanFile('-', () => stdin);
    expect(file.imported.ok).toBe(true);
    file.close();
  });
});

describe('what a file says beside its open ports', () => {
  it('keeps hosts that are down, and counts those that it does not name', async () => {
    const down = '<host><status state="down" reason="no-response"/><address addr="192.0.2.2" addrtype="ipv4"/></host>';
    const read = await imported(document(hostOf('192.0.2.1', open(3)) + down, '<hosts up="1" down="3" total="4"/>'));
    expect(read.all[1]).toMatchObject({
      address: '192.0.2.2',
      facts: { status: { state: 'down', reason: 'no-response' } },
      runs: [run(1, 5, 'unprobed/host-silent')],
    });
    expect(read.notes).toEqual(['Not kept: 2 hosts counted as down and not named.']);
    expect(await asXml(read)).toContain('<status state="down" reason="no-response" reason_ttl="0"/>');
  });

  it('keeps states that are known by count alone, as closed or filtered, or says how many they are', async () => {
    const counts = '<extraports state="closed" count="3"/><extraports state="filtered" count="1"/>';
    const read = await imported(document(hostOf('192.0.2.1', counts + open(3))));
    expect(read.scan.summary?.settled).toEqual({ 'open/syn-ack': 1, 'closed|filtered/not-listed': 4 });
    const unreadable = await opened('services-unreadable.xml');
    expect(unreadable.scan.status).toBe('complete-with-gaps');
    expect(unreadable.notes).toEqual([
      'The list of scanned tcp ports cannot be read: "1-1!0".',
      'Not kept: 8 closed ports that are counted and not listed.',
    ]);
  });

  it('names each host whose address cannot be read', async () => {
    const read = await opened('badaddr-one-of-two.xml');
    expect(read.notes).toEqual(['The host "x.x.x.x" is left out: its address cannot be read (1 port).']);
    expect(read.scan.status).toBe('complete-with-gaps');
  });

  it('keeps the zone of a link-local address', async () => {
    const read = await opened('v6zone.xml');
    expect(read.all.map(({ address, findings }) => [address, findings.length])).toEqual([['fe80::1%eth0', 2]]);
    expect(read.notes).toEqual([]);
    expect(await asXml(read)).toContain('<address addr="fe80::1%eth0" addrtype="ipv6"/>');
  });

  it('refuses a file of SCTP ports for that reason', async () => {
    const { imported: read } = await openScanFile(fixture('sctp.xml').pathname, () => Readable.from([]));
    const refused = read.ok ? refuseEmpty(read.value, 'sctp.xml') : read;
    expect(refused.ok ? [] : refused.errors.map(({ hint }) => hint)).toEqual(['Not kept: 1 sctp scan, 10 sctp ports.']);
  });

  it('keeps reset, tunnel, cpe, hostname, ostype, MAC address and vendor, and writes them again', async () => {
    const service =
      '<service name="http" product="nginx" hostname="web" ostype="Linux" devicetype="router" tunnel="ssl" method="probed" conf="10"><cpe>cpe:/a:igor:nginx</cpe><cpe>cpe:/o:linux</cpe></service>';
    const mac = '<address addr="02:00:00:AA:BB:CC" addrtype="mac" vendor="Acme &amp; Co"/>';
    const closed = '<extraports state="closed" count="4"><extrareasons reason="resets" count="4"/></extraports>';
    const read = await imported(document(hostOf('192.0.2.1', closed + open(3, service), mac)));
    expect(read.all[0]).toMatchObject({
      facts: { mac: '02:00:00:AA:BB:CC', vendor: 'Acme & Co' },
      findings: [{ service: { tunnel: 'ssl', cpe: ['cpe:/a:igor:nginx', 'cpe:/o:linux'], hostname: 'web' } }],
      runs: [run(1, 2, 'closed/reset'), run(4, 5, 'closed/reset')],
    });
    const again = await asXml(read);
    expect(again).toContain('<address addr="02:00:00:AA:BB:CC" addrtype="mac" vendor="Acme &amp; Co"/>');
    expect(again).toContain(
      'tunnel="ssl" method="probed" conf="10" hostname="web" ostype="Linux" devicetype="router"><cpe>cpe:/a:igor:nginx</cpe>',
    );
    expect((await imported(again)).all).toEqual(read.all);
  });

  it('counts what is not kept, in one line', async () => {
    const more =
      '<os><osmatch name="Linux" accuracy="100" line="1"/></os><trace><hop ttl="1" ipaddr="192.0.2.9"/></trace><hostscript><script id="a" output="b"/></hostscript>';
    const sctp = '<port protocol="sctp" portid="1"><state state="open" reason="init-ack"/></port>';
    const text = document(hostOf('192.0.2.1', open(3) + sctp).replace('</ports>', `</ports>${more}`));
    expect((await imported(text)).notes).toEqual([
      'Not kept: 1 sctp port, 1 line of OS detection, 1 traceroute, 1 result of scripts.',
    ]);
  });
});

describe('a large file', () => {
  it('is read host by host: each comes before the rest of the file is read', async () => {
    const text = document(
      ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => hostOf(address, open(3))).join('\n'),
    );
    let pieces = 0;
    async function* lines(): AsyncGenerator<string> {
      for (const line of text.split('\n')) {
        pieces++;
        yield line;
      }
    }
    const read = await readScanFile({ name: 'old.xml', open: lines }, IMPORT_ID);
    if (!read.ok) throw new Error('it is sound');
    pieces = 0;
    const hosts = read.value.hosts();
    for (const expected of [1, 2, 3]) {
      await hosts.next();
      expect(pieces).toBe(expected);
    }
  });
});

describe('a file of several runs', () => {
  const [one, two] = [
    document(hostOf('192.0.2.1', open(3) + open(4))),
    document(hostOf('192.0.2.1', open(4, '<service name="late" method="probed"/>')) + hostOf('192.0.2.2', open(1))),
  ];

  it('gives the hosts of all of them; of a port that both have, the later', async () => {
    const read = await imported(`${one}\n${two}`);
    expect(read.all.map(({ address, findings }) => [address, findings.map(({ port }) => port)])).toEqual([
      ['192.0.2.1', [3, 4]],
      ['192.0.2.2', [1]],
    ]);
    expect(read.all[0]?.findings[1]?.service.name).toBe('late');
    expect(read.notes).toEqual(['The file holds 2 runs; where they differ, the later one counts.']);
  });

  it('is not complete when the first was cut off', async () => {
    const read = await imported(`${one.slice(0, one.indexOf('</ports>'))}\n${two}`);
    expect(read.scan.imported?.incomplete).toContain('192.0.2.1 is not complete');
    expect(read.all.map(({ address }) => address)).toEqual(['192.0.2.1', '192.0.2.2']);
  });
});

describe('the encoding of a file', () => {
  async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const decoded = async (bytes: Uint8Array, size = bytes.length): Promise<string> =>
    whole(decodeText(pieces(bytes, size), 'old.xml'));

  it('is read from the declaration or the byte order mark, however the file is cut', async () => {
    const text = (encoding: string): string =>
      `<?xml version="1.0" encoding="${encoding}"?>${'<a b="Söhne €"/>'.repeat(60)}`;
    const utf16 = Buffer.from(`\ufeff${text('UTF-16')}`, 'utf16le');
    for (const size of [1, 7, 100_000]) {
      expect(await decoded(Buffer.from(text('UTF-8')), size)).toBe(text('UTF-8'));
      expect(await decoded(utf16, size)).toBe(text('UTF-16'));
      expect(await decoded(utf16.swap16(), size)).toBe(text('UTF-16'));
      utf16.swap16();
    }
    const windows = Buffer.from(text('windows-1252').replaceAll('€', '\x80'), 'latin1');
    expect(await decoded(windows)).toBe(text('windows-1252'));
    await expect(decoded(Buffer.from('<?xml version="1.0" encoding="x-klingon"?><a/>'))).rejects.toThrow(/"x-klingon"/);
  });

  it('is that of the fixtures', async () => {
    for (const name of ['latin1.xml', 'gz.xml.gz', 'base.xml']) {
      expect((await opened(name)).all[0]?.findings[0]?.service.product).toBe('Café & Söhne <x>');
    }
  });

  it('is named where the file is compressed otherwise', async () => {
    const stdin = new PassThrough();
    stdin.end(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]));
    const file = await openScanFile('-', () => stdin);
    expect(file.imported).toMatchObject({ ok: false, errors: [{ detail: 'standard input is compressed with xz.' }] });
    file.close();
  });
});

describe('the files of masscan and naabu', () => {
  const ports = (read: Imported) =>
    read.all.flatMap(({ address, findings }) => findings.map(({ protocol, port }) => `${address} ${port}/${protocol}`));

  it('are read as JSON lists, with or without the comma too many, and cut ones are not complete', async () => {
    const record = (ip: string, port: number): string =>
      `{   "ip": "${ip}",   "timestamp": "1700000001", "ports": [ {"port": ${port}, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 54} ] }`;
    const list = `[\n${record('192.0.2.2', 80)},\n${record('192.0.2.1', 22)},\n]\n`;
    const read = await imported(list, 'masscan.json', 3);
    expect(ports(read)).toEqual(['192.0.2.1 22/tcp', '192.0.2.2 80/tcp']);
    expect(read.scan).toMatchObject({
      submittedAt: 1_700_000_001_000,
      imported: { tool: 'masscan', ports: 'mentioned' },
    });
    const cut = await imported(list.slice(0, list.indexOf('"proto"', 200)));
    expect(ports(cut)).toEqual(['192.0.2.2 80/tcp']);
    expect(cut.scan.imported?.incomplete).toContain('the file ends before its end');
  });

  it('are read as lines of JSON, old and new, and so are our own', async () => {
    const lines = [
      '{"host":"web.example","ip":"192.0.2.1","timestamp":"2023-11-14T22:13:20.5Z","port":443,"protocol":"tcp","tls":true}',
      '{"ip":"192.0.2.2","port":{"Port":53,"Protocol":1,"TLS":false}}',
    ];
    const read = await imported(`${lines.join('\n')}\n`, 'naabu.json', 5);
    expect(ports(read)).toEqual(['192.0.2.1 443/tcp', '192.0.2.2 53/udp']);
    expect(read.all[0]).toMatchObject({ names: ['web.example'], findings: [{ service: { tunnel: 'ssl' } }] });
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ hosts, make }) => {
        const findings = hosts.flatMap((each) => each.findings);
        fc.pre(findings.length > 0);
        const own = await imported(await whole(formatReport('jsonl', make(), OPTIONS)));
        const byPlace = (list: typeof findings) =>
          Object.fromEntries(list.map((each) => [`${each.address} ${each.protocol}/${each.port}`, each]));
        expect(byPlace(own.all.flatMap((each) => each.findings))).toEqual(byPlace(findings));
      }),
      { numRuns: 30 },
    );
  });

  it('are read as a list of masscan', async () => {
    const read = await imported(
      '#masscan\nopen tcp 80 192.0.2.1 1700000000\nopen udp 53 192.0.2.1 1700000001\n# end\n',
    );
    expect(ports(read)).toEqual(['192.0.2.1 80/tcp', '192.0.2.1 53/udp']);
    expect(read.scan.imported?.incomplete).toBeUndefined();
    expect((await imported('#masscan\nopen tcp 80 192.0.2.1 1\n')).scan.imported?.incomplete).toContain('"# end"');
    const damaged = await imported('#masscan\nopen tcp 80 192.0.2.1 1\nopen tcp 22 not-an-ip 1\n# end\n');
    expect([damaged.hasLosses, damaged.scan.status]).toEqual([true, 'complete-with-gaps']);
  });

  it('say what they are when they cannot be read', async () => {
    expect(await refusal('# Nmap 7.95 scan initiated Tue as: nmap\nHost: 192.0.2.1')).toContain('greppable');
    expect(await refusal('[ not JSON')).toContain('no record of masscan');
  });
});

describe('a member that is a list or an object where a text belongs', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const odd = '{"toString":1,"valueOf":1}';
  const line = (ip: string, port: string, time: string, state: string): string =>
    `{"ip":${ip},"port":${port},"timestamp":${time},"state":${state}}\n`;
  const record = (ip: string, time: string, port: string, proto: string, status: string): string =>
    `[{"ip":${ip},"timestamp":${time},"ports":[{"port":${port},"proto":${proto},"status":${status}}]}]`;
  const [ip, time, text] = ['"192.0.2.1"', '"1700000000"', '"tcp"'];

  it.each([
    ['nested deeper than a stack', deep],
    ['without a text of its own', odd],
  ])('%s spoils its own record, and no more', async (_, value) => {
    const good = line('"192.0.2.9"', '80', time, '"open"');
    const lines = [line(value, '80', time, text), line(ip, value, time, text), line(ip, '1', value, value)];
    const read = await imported(`${lines.join('')}${good}`, 'lines.json', 65_536);
    expect(read.all.map(({ address }) => address)).toContain('192.0.2.9');
    for (const list of [
      record(value, time, '1', text, '"open"'),
      record(ip, value, '1', text, '"open"'),
      record(ip, time, value, text, '"open"'),
      record(ip, time, '1', value, '"open"'),
      record(ip, time, '1', text, value),
    ]) {
      const masscan = await readText(list, 'masscan.json');
      expect(masscan.ok || masscan.errors[0]?.code).not.toBe(undefined);
    }
    const made = report([host('192.0.2.1', { runs: [run(1, 9, 'closed/conn-refused')] })], tcp([1, 9]));
    const own = await whole(formatReport('json', made, OPTIONS));
    const members = ['version', 'ports', 'submittedAt', 'address', 'state', 'reason', 'first', 'protocol'];
    for (const member of members) {
      const spoilt = own.replace(new RegExp(`"${member}": ?("[^"]*"|\\d+)`), `"${member}": ${value}`);
      expect(spoilt, member).not.toBe(own);
      const spoiltRead = await readText(spoilt, 'own.json');
      expect(spoiltRead.ok || spoiltRead.errors[0]?.code, member).not.toBe(undefined);
    }
  });
});

describe('our own JSON', () => {
  it('comes back as the scan that it was, whatever the scan', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, fc.integer({ min: 1, max: 4000 }), async ({ make }, size) => {
        const json = await whole(formatReport('json', make(), OPTIONS));
        const read = await imported(json, 'report.json', Math.max(size, Math.floor(json.length / 5000)));
        expect(read.notes).toEqual([]);
        const { scan } = read;
        if (!scan.summary) throw new Error('it was over');
        const sorted = make();
        const hosts = (await all(sorted.hosts)).sort(
          (a, b) =>
            read.all.findIndex(({ address }) => address === a.address) -
            read.all.findIndex(({ address }) => address === b.address),
        );
        const lines = (text: string): string[] => text.replace(/,$/gm, '').split('\n').sort();
        const again = await whole(formatReport('json', { scan, summary: scan.summary, hosts: read.hosts() }, OPTIONS));
        expect(lines(again)).toEqual(lines(json));
        expect(read.all).toEqual(hosts);
      }),
      { numRuns: 30 },
    );
  });

  it('stays importable when another program reformatted it, and says when it is cut off', async () => {
    const made = report([host('192.0.2.1', { runs: [run(1, 9, 'closed/conn-refused')] })], tcp([1, 9]));
    const json = await whole(formatReport('json', made, OPTIONS));
    const pretty = await imported(JSON.stringify(JSON.parse(json), null, 4));
    expect(pretty.all[0]?.runs).toEqual([run(1, 9, 'closed/conn-refused')]);
    const cut = await imported(json.slice(0, json.indexOf('],\n"ending"')));
    expect(cut.scan).toMatchObject({
      status: 'complete-with-gaps',
      imported: { incomplete: expect.stringContaining('not hold the whole') },
    });
  });
});

describe('a refusal', () => {
  it('is the same whatever the pieces, and quotes only a part of the file', async () => {
    const text = readFileSync(fixture('esc.xml'), 'utf8');
    expect(await refusal(text)).toContain('line 2: this is no tag');
    expect((await refusal(`<nmaprun><${'x!'.repeat(5000)}>`)).length).toBeLessThan(500);
  });
});

describe('what masscan read from a port', () => {
  const told = [{ port: 22, service: { name: 'ssh', method: 'probed' }, banner: 'SSH-2.0-x\r\n' }];
  const list =
    '#masscan\nopen tcp 22 192.0.2.1 1700000000\nbanner tcp 22 192.0.2.1 1700000002 ssh SSH-2.0-x\\x0d\\x0a\n# end\n';
  const json =
    '[{"ip":"192.0.2.1","timestamp":"1700000000","ports":[{"port":22,"proto":"tcp","status":"open","reason":"syn-ack"}]},' +
    '{"ip":"192.0.2.1","timestamp":"1700000002","ports":[{"port":22,"proto":"tcp","service":{"name":"ssh","banner":"SSH-2.0-x\\\\x0d\\\\x0a"}}]}]';
  const element = (inside: string) =>
    `<host endtime="1700000002"><address addr="192.0.2.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/>${inside}</port></ports></host>`;
  const xml = `<?xml version="1.0"?><nmaprun scanner="masscan" start="1700000000" version="1.0">${element('')}${element('<service name="ssh" banner="SSH-2.0-x\\x0d\\x0a"/>')}<runstats><finished time="1700000009"/></runstats></nmaprun>`;

  it.each([
    ['a list', list],
    ['JSON', json],
    ['XML', xml],
  ])('is kept from %s, in bytes, beside the port, whichever of the two comes first', async (_, text) => {
    const read = await imported(text);
    expect(read.all).toMatchObject([{ address: '192.0.2.1', findings: told }]);
    expect(read.notes).toEqual([]);
  });

  it('is the port itself where nothing else tells of it, and other banners are counted', async () => {
    const read = await imported(
      '#masscan\nbanner tcp 22 192.0.2.1 1700000002 ssh SSH-2.0-x\\x0d\\x0a\nbanner tcp 80 192.0.2.1 1700000002 title Hello\n# end\n',
    );
    expect(read.all).toMatchObject([{ findings: told }]);
    expect(read.notes).toEqual(['Not kept: 1 other banner of masscan.']);
  });
});

describe('ports of which a file tells less than a state each', () => {
  const port = (number: number, state: string): string =>
    `<port protocol="tcp" portid="${number}"><state state="${state}" reason="reset"/></port>`;

  it('that are unfiltered to an ACK scan stay untold, and are counted', async () => {
    const read = await imported(
      document(hostOf('192.0.2.1', `${port(1, 'unfiltered')}${port(2, 'unfiltered')}${port(3, 'filtered')}`)),
    );
    expect(read.all[0]?.runs).toEqual([
      run(1, 2, 'unprobed/not-recorded'),
      run(3, 3, 'filtered/no-response'),
      run(4, 5, 'unprobed/not-recorded'),
    ]);
    expect(read.notes).toEqual(['Not kept: 2 "unfiltered" ports, which tell no state of ours.']);
    expect([read.hasLosses, read.scan.status]).toEqual([true, 'complete-with-gaps']);
  });

  it('are told together where two states are only counted', async () => {
    const extras = '<extraports state="filtered" count="3"/><extraports state="closed" count="1"/>';
    const read = await imported(document(hostOf('192.0.2.1', `${extras}${open(3)}`)));
    expect(read.notes).toEqual([
      'Of the ports that are closed or filtered, 3 are filtered and 1 are closed; the file does not say which.',
    ]);
    expect(read.hasLosses).toBe(false);
  });
});

describe('a file that never ends', () => {
  it('is given up where no document has begun in a million characters', async () => {
    let given = 0;
    const nothing = async function* (): AsyncGenerator<string> {
      for (;;) {
        given += 1;
        yield '\0'.repeat(65_536);
      }
    };
    const read = await readScanFile({ name: 'zero', open: nothing }, IMPORT_ID);
    expect(read).toMatchObject({ ok: false, errors: [{ detail: 'zero: there is no <nmaprun> in it' }] });
    expect(given).toBeLessThan(100);
  });

  it('is given up where one object has no end, and of a line only the beginning is kept', async () => {
    const splitter = jsonSplitter('objects', 1_000);
    expect([...splitter.push(`{"a": "${'x'.repeat(990)}`)]).toEqual([]);
    expect(() => [...splitter.push('x'.repeat(100))]).toThrow('longer than 1000 characters');
    const list = async function* (): AsyncGenerator<string> {
      yield '#masscan\nopen tcp 80 192.0.2.1 1700000000\nopen tcp 80 ';
      for (let piece = 0; piece < 64; piece++) yield 'x'.repeat(65_536);
      yield '\n# end\n';
    };
    const read = await readScanFile({ name: 'list', open: list }, IMPORT_ID);
    expect(read.ok && read.value.scan.imported?.notes.join()).toContain('cannot be read');
  });
});
