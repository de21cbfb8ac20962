import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../../local/sqlite/scan-store.ts';
import type { HostReport } from '../../../shared/domain/report.ts';
import { systemClock } from '../../../shared/net/system-clock.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import { readTag, type XmlToken, xmlTokenizer } from '../../../shared/report/import/xml-tokens.ts';
import { readReport } from '../../../shared/usecases/read-report.ts';
import { importedInto } from '../../../shared/usecases/store-imported.ts';
import { arbitraryReport, hostileText } from '../../helpers/arbitrary-report.ts';
import { all as allOf, IMPORT_ID, imported, readText, refusal } from '../../helpers/import-file.ts';
import { OPTIONS, run, whole } from '../../helpers/sample-report.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const document = (inside: string, services = '1-5'): string => `<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -T4 host" start="1700000000" version="7.80" xmloutputversion="1.04">
<scaninfo type="connect" protocol="tcp" numservices="5" services="${services}"/>
<verbose level="0"/><debugging level="0"/>
${inside}
<runstats><finished time="1700000060" elapsed="60.00"/><hosts up="1" down="0" total="1"/></runstats>
</nmaprun>`;

const hostElement = (ports: string, address = '192.0.2.1'): string =>
  `<host endtime="1700000030"><status state="up" reason="user-set"/><address addr="${address}" addrtype="ipv4"/><hostnames/><ports>${ports}</ports></host>`;

const open = (port: number, protocol = 'tcp'): string =>
  `<port protocol="${protocol}" portid="${port}"><state state="open" reason="syn-ack"/><service name="http" method="probed" conf="10"/></port>`;

describe('the import of an nmap file', () => {
  it('is a scan that is over: times, template, names, and the plan of what was probed', async () => {
    const { scan } = await imported(
      document(
        hostElement(`<extraports state="closed" count="4"/>${open(3)}`).replace(
          '<hostnames/>',
          '<hostnames><hostname name="web.example" type="user"/><hostname name="a.example" type="PTR"/></hostnames>',
        ),
      ),
    );
    expect(scan).toMatchObject({
      id: IMPORT_ID,
      status: 'complete',
      request: { targets: ['192.0.2.1'], ports: '1-5' },
      names: [
        { name: 'web.example', addresses: ['192.0.2.1'] },
        { name: 'a.example', addresses: ['192.0.2.1'] },
      ],
      submittedAt: 1_700_000_000_000,
      finishedAt: 1_700_000_060_000,
      plan: {
        timing: { template: 'T4' },
        geometry: { kind: 'whole', size: 1, chunks: 1, addressCount: 1, portCount: 5 },
      },
      summary: { planned: 5, settled: { 'open/syn-ack': 1, 'closed/conn-refused': 4 }, unprobed: {}, duration: 60_000 },
    });
  });

  it('tells the time of the host where nmap tells none of the port', async () => {
    const { all } = await imported(document(hostElement(open(3))));
    expect(all[0]?.findings[0]).toMatchObject({
      port: 3,
      seenAt: 1_700_000_030_000,
      service: { name: 'http', method: 'probed' },
    });
  });

  it('knows the ports of the only state that was folded when their number is right', async () => {
    const { all } = await imported(
      document(
        hostElement(
          `<extraports state="filtered" count="4"><extrareasons reason="no-responses" count="4"/></extraports>${open(3)}`,
        ),
      ),
    );
    expect(all[0]?.runs).toEqual([run(1, 2, 'filtered/no-response'), run(4, 5, 'filtered/no-response')]);
  });

  it('reads the reasons of old versions, which are in the plural', async () => {
    for (const [written, reason] of [
      ['no-responses', 'no-response'],
      ['host-unreaches', 'host-unreach'],
      ['host-prohibiteds', 'admin-prohibited'],
    ]) {
      const { all } = await imported(
        document(
          hostElement(
            `<extraports state="filtered" count="5"><extrareasons reason="${written}" count="5"/></extraports>`,
          ),
        ),
      );
      expect(all[0]?.runs.map(({ verdict }) => verdict)).toEqual([`filtered/${reason}`]);
    }
  });

  it('knows that folded ports are not open when two states were folded, and nothing when the number is wrong', async () => {
    const two = await imported(
      document(hostElement(`<extraports state="filtered" count="2"/><extraports state="closed" count="2"/>${open(3)}`)),
    );
    expect(two.all[0]?.runs).toEqual([
      run(1, 2, 'closed|filtered/not-listed'),
      run(4, 5, 'closed|filtered/not-listed'),
    ]);
    expect(two.scan.status).toBe('complete');
    const wrong = await imported(document(hostElement(`<extraports state="closed" count="3"/>${open(3)}`)));
    expect(wrong.all[0]?.runs).toEqual([run(1, 2, 'unprobed/not-recorded'), run(4, 5, 'unprobed/not-recorded')]);
    expect(wrong.scan.status).toBe('complete-with-gaps');
    expect(wrong.notes).toEqual(['Not kept: 3 closed ports that are counted and not listed.']);
  });

  it('knows the folded ports that the file lists, and with them the rest', async () => {
    const listed = '<extrareasons reason="conn-refused" count="2" proto="tcp" ports="1-2"/>';
    const { all } = await imported(
      document(
        hostElement(
          `<extraports state="closed" count="2">${listed}</extraports><extraports state="filtered" count="2"/>${open(3)}`,
        ),
      ),
    );
    expect(all[0]?.runs).toEqual([run(1, 2, 'closed/conn-refused'), run(4, 5, 'filtered/no-response')]);
  });

  it('takes masscan’s word for what masscan probed: nothing but what is open, a host for every port', async () => {
    const masscan = `<?xml version="1.0"?><!-- masscan v1.0 scan --><nmaprun scanner="masscan" start="1700000000" version="1.0-BETA" xmloutputversion="1.03">
<scaninfo type="syn" protocol="tcp" />
<host endtime="1700000001"><address addr="192.0.2.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="54"/></port></ports></host>
<host endtime="1700000002"><address addr="192.0.2.2" addrtype="ipv4"/><ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="54"/></port></ports></host>
<host endtime="1700000003"><address addr="192.0.2.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="54"/></port></ports></host>
<runstats><finished time="1700000010" timestr="x" elapsed="10" /><hosts up="2" down="0" total="2" /></runstats></nmaprun>`;
    const { scan, all } = await imported(masscan);
    expect(all.map(({ address, findings, runs }) => [address, findings.map(({ port }) => port), runs])).toEqual([
      ['192.0.2.1', [22, 80], []],
      ['192.0.2.2', [22], [run(80, 80, 'unprobed/not-recorded')]],
    ]);
    expect(scan.request.ports).toBe('22,80');
  });

  it('puts addresses into the order of the plan and numbers a chunk for each', async () => {
    const { scan, chunks } = await imported(
      document(['192.0.2.10', '192.0.2.9', '192.0.2.11'].map((address) => hostElement(open(3), address)).join('')),
    );
    expect(scan.plan.addresses).toEqual([{ first: '192.0.2.9', last: '192.0.2.11' }]);
    expect(
      (await allOf(chunks()))
        .sort((a, b) => a.coverage.chunk - b.coverage.chunk)
        .map(({ coverage, findings }) => [coverage.chunk, coverage.runs, findings[0]?.address]),
    ).toEqual(
      ['192.0.2.9', '192.0.2.10', '192.0.2.11'].map((address, number) => [
        number,
        [
          [2, 'unprobed/not-recorded'],
          [1, 'open/syn-ack'],
          [2, 'unprobed/not-recorded'],
        ],
        address,
      ]),
    );
  });

  it('claims nothing for ports that may be open or closed, and keeps those that are closed or filtered', async () => {
    const unfiltered = '<port protocol="tcp" portid="3"><state state="unfiltered" reason="reset"/></port>';
    const { all } = await imported(
      document(hostElement(`${unfiltered}<extraports state="closed|filtered" count="4"/>`)),
    );
    expect(all[0]?.runs).toEqual([
      run(1, 2, 'closed|filtered/not-listed'),
      run(3, 3, 'unprobed/not-recorded'),
      run(4, 5, 'closed|filtered/not-listed'),
    ]);
  });

  it('notes what it leaves out', async () => {
    const odd = `${open(3)}${open(99_999)}<port protocol="sctp" portid="1"><state state="open" reason="init-ack"/></port>`;
    const { notes, all } = await imported(document(`${hostElement(odd)}${hostElement(open(1), 'not an address')}`));
    expect(all).toHaveLength(1);
    expect(notes).toEqual([
      'The host "not an address" is left out: its address cannot be read (1 port).',
      'Not kept: 1 port without a number or a state, 1 sctp port.',
    ]);
  });

  it('keeps the whole hosts of a file that was cut off', async () => {
    const whole = document(`${hostElement(open(3))}${hostElement(open(4), '192.0.2.2')}`);
    for (const length of [whole.indexOf('</host>', whole.indexOf('192.0.2.2')) + 3, whole.indexOf('portid="4"') + 4]) {
      const { notes, all } = await imported(whole.slice(0, length));
      expect(all.map(({ address }) => address)).toEqual(['192.0.2.1']);
      expect(notes).toEqual(['the file ends before its end; 192.0.2.2 is not complete and is left out']);
    }
  });

  it('refuses with a reason what is no nmap file', async () => {
    expect(await refusal('')).toBe('NMAP_XML_UNREADABLE old.xml: there is no <nmaprun> in it');
    expect(await refusal('Host: 192.0.2.1 () Ports: 22/open/tcp')).toBe(
      "NMAP_XML_UNREADABLE old.xml: this is nmap's normal or greppable output (-oN, -oG), which is not read",
    );
    expect(await refusal('<html><body>')).toBe('NMAP_XML_UNREADABLE old.xml: <html> is not what nmap writes');
    expect(await refusal('<nmaprun>\n<host>\n</ports>')).toBe(
      'NMAP_XML_UNREADABLE old.xml: </ports> closes an element that is not open',
    );
    expect(await refusal('<nmaprun>\n<host a=b>')).toBe(
      'NMAP_XML_UNREADABLE old.xml: line 2: this is no tag: <host a=b>',
    );
    expect(await refusal('<nmaprun a="1" a="2">')).toContain('line 1: this is no tag');
    expect(await refusal(document('<host><status state="up"/><address addr="192.0.2.1"/></host>', ''))).toBe(
      'NMAP_XML_UNREADABLE old.xml: it tells of no port of any host',
    );
  });

  it('expands no entity, and refuses a document that declares some', async () => {
    const bomb = '<!DOCTYPE nmaprun [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><nmaprun args="&b;">';
    expect(await refusal(bomb)).toBe(
      'NMAP_XML_UNREADABLE old.xml: line 1: the document declares elements or entities of its own',
    );
    expect(await refusal('<!DOCTYPE nmaprun SYSTEM "file:///etc/passwd" [ ]><nmaprun/>')).toContain('declares');
    expect(readTag('<a b="&x;&lt;&#65;&#x42;&#0;&#1114112;&amp;lt;"/>')).toMatchObject({
      attributes: new Map([['b', '&x;<AB\ufffd\ufffd&lt;']]),
    });
  });

  it('refuses depths and lengths that no scanner writes', async () => {
    expect(await refusal(`<nmaprun>${'<table>'.repeat(300)}`)).toContain('more than 200 deep');
    const tokens = xmlTokenizer(1000);
    const all = [...tokens('<a b="'), ...tokens('x'.repeat(2000)), ...tokens('x'.repeat(2000))];
    expect(all).toEqual([{ kind: 'broken', detail: 'a tag is longer than 1000 characters', line: 1 }]);
  });

  it('reads back out of a store as it was put in, whatever the file holds', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ make }) => {
        const scan = await imported(await whole(formatReport('xml', make(), OPTIONS)));
        const store = makeSqliteScanStore(openDatabase(join(tempDir(), 'portfleet.db')));
        await importedInto(store, scan.scan, scan.chunks());
        const kept = await store.readScan(IMPORT_ID);
        const read = kept && (await readReport({ store, clock: systemClock }, kept));
        const hosts: HostReport[] = [];
        for await (const each of read?.hosts ?? []) hosts.push(each);
        expect(kept).toEqual(scan.scan);
        expect(hosts).toEqual(scan.all);
        await store.close();
      }),
      { numRuns: 10 },
    );
  });

  it.skipIf(spawnSync('nmap', ['--version']).status !== 0)(
    'reads what nmap writes today, port by port (skipped without nmap)',
    async () => {
      const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
      await new Promise((listening) => server.once('listening', listening));
      const { port } = server.address() as { port: number };
      const { stdout } = await promisify(execFile)('nmap', [
        '-sT',
        '-Pn',
        '-n',
        '-T4',
        '-p',
        `1-3,${port}`,
        '-oX',
        '-',
        '127.0.0.1',
      ]);
      server.close();
      const { scan, all, notes } = await imported(stdout);
      expect(notes).toEqual([]);
      expect(scan).toMatchObject({ status: 'complete', request: { targets: ['127.0.0.1'], ports: `1-3,${port}` } });
      expect(all[0]?.findings.map(({ port: found, state, reason }) => [found, state, reason])).toContainEqual([
        port,
        'open',
        'syn-ack',
      ]);
      expect(scan.summary?.planned).toBe(4);
      expect(scan.summary?.unprobed).toEqual({});
    },
  );
});

describe('the XML tokenizer', () => {
  const tokensOf = (pieces: readonly string[]): XmlToken[] => {
    const push = xmlTokenizer();
    return pieces.flatMap((piece) => [...push(piece)]);
  };
  const escaped = (text: string): string =>
    text.replace(
      /[&<>"]/g,
      (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? '',
    );
  const legal = hostileText.map((text) => text.replace(/[^\x20-\ud7ff\ue000-\ufffd]/g, ''));

  it('gives the same tokens wherever the document is cut', () => {
    const text = `<?xml version="1.0"?><!DOCTYPE nmaprun><!-- a > b -- <c> --><nmaprun a='1>2' b="it's"><![CDATA[<d>]]><e/><?portfleet x?></nmaprun>`;
    const all = tokensOf([text]);
    expect(all.map((token) => ('name' in token ? `${token.kind} ${token.name}` : token.kind))).toEqual([
      'instruction',
      'open nmaprun',
      'open e',
      'instruction',
      'close nmaprun',
    ]);
    for (let at = 0; at <= text.length; at++) expect(tokensOf([text.slice(0, at), text.slice(at)])).toEqual(all);
    expect(tokensOf([...text])).toEqual(all);
  });

  it('reads attributes as a full parser does', () => {
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseAttributeValue: false,
      trimValues: false,
    });
    fc.assert(
      fc.property(fc.array(legal, { maxLength: 5 }), (values) => {
        const text = `<root>${values.map((value, index) => `<e a${index}="${escaped(value)}"/>`).join('')}</root>`;
        const ours = tokensOf([text]).flatMap((token) => (token.kind === 'open' ? [...token.attributes.values()] : []));
        const elements = [parser.parse(text).root.e ?? []].flat() as Record<string, string>[];
        expect(ours).toEqual(elements.flatMap((element) => Object.values(element)));
        expect(ours).toEqual(values);
      }),
      { numRuns: 200 },
    );
  });

  it('never throws, whatever it is given', async () => {
    const soup = fc.array(
      fc.oneof(
        fc.constantFrom(
          '<',
          '>',
          '/',
          '"',
          '<nmaprun',
          '<host>',
          '</host>',
          '<!--',
          '-->',
          '<?',
          '?>',
          '<![CDATA[',
          ']]>',
          ' a="',
          '&#x',
        ),
        hostileText,
      ),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(soup, async (parts) => {
        const read = await readText(`<nmaprun>${parts.join('')}`);
        expect(read.ok || read.errors[0]?.code === 'NMAP_XML_UNREADABLE').toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
