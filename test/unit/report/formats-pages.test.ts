import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../../shared/domain/report.ts';
import { formatReport } from '../../../shared/report/formats/format.ts';
import { HTML_SCRIPT_HASH } from '../../../shared/report/formats/html-script.ts';
import { cell } from '../../../shared/report/formats/printable.ts';
import { arbitraryReport } from '../../helpers/arbitrary-report.ts';
import { finding, host, OPTIONS, report, run, tcp, whole } from '../../helpers/sample-report.ts';

const written = (format: 'html' | 'markdown', each: Report): Promise<string> =>
  whole(formatReport(format, each, OPTIONS));

const web = host('192.0.2.1', {
  names: ['web.example'],
  findings: [
    finding('192.0.2.1', 22, { service: { name: 'ssh', method: 'table' } }),
    finding('192.0.2.1', 8080, { service: { name: 'http-alt', method: 'table' } }),
  ],
  runs: [run(1, 21, 'closed/conn-refused'), run(23, 100, 'filtered/no-response'), run(101, 110, 'unprobed/deadline')],
});
const db = host('192.0.2.2', { findings: [finding('192.0.2.2', 22)], runs: [run(1, 21, 'closed/conn-refused')] });
const ports = tcp([1, 110], [8080, 8080]);

describe('the page', () => {
  it('has the figures, the chart, the table, the notes and the duration', async () => {
    const page = await written('html', report([web], ports));
    expect(page).toMatch(/^<!doctype html>\n/);
    expect(page).toContain('<strong>2</strong><span class="faint">open ports</span>');
    expect(page).toContain('<strong>101</strong><span class="faint">of 111 probed</span>');
    expect(page).toContain('<td>22/tcp</td><td>open</td><td>ssh</td><td>syn-ack</td><td>2026-11-22 14:20:08 UTC</td>');
    expect(page).toContain('<li>Not probed: 101-110 (the time ran out)</li>');
    expect(page).toContain('<p>Scanning completed in 0:00:16.141690</p>');
  });

  it('draws each port in its place: probed, silent, not probed, and open with its number', async () => {
    const page = await written('html', report([web], ports));
    // The bar lies 15 below the label and is 20 high. Port n of the first lane is column n.
    expect(page).toContain('<path class="closed" d="M1 15h21v20h-21z"/>');
    expect(page).toContain('<path class="filtered" d="M23 15h78v20h-78z"/>');
    expect(page).toContain('<path class="unprobed" d="M101 15h10v20h-10z"/>');
    expect(page).toContain('<title>22 ssh</title>');
    expect(page).toContain('<text class="number" x="22" y="49">22</text>');
    // (8080 − 1024) × 1024 ÷ 48128 = 150.1
    expect(page).toContain('<text class="number" x="150" y="49">8080</text>');
    expect(page.match(/<g transform=/g)).toHaveLength(2);
  });

  it('keeps the chart small however many ports are open', async () => {
    const all = Array.from({ length: 60_000 }, (_, index) => finding('192.0.2.1', index + 1));
    const page = await written('html', report([host('192.0.2.1', { findings: all })], tcp([1, 60_000])));
    const chart = page.slice(
      page.indexOf('<svg class="chart"'),
      page.indexOf('</svg>', page.indexOf('<svg class="chart"')),
    );
    expect(chart.length).toBeLessThan(400_000);
  });

  it('counts over the hosts which ports are open most often', async () => {
    const page = await written('html', report([web, db], ports));
    expect(page).toContain('<h2>Open most often, of 2 hosts with an open port</h2>');
    expect(page).toContain('<td>22/tcp</td><td>2</td>');
    expect(await written('html', report([web], ports))).not.toContain('Open most often');
  });

  it('needs nothing from elsewhere and lets nothing run but its filter', async () => {
    const page = await written('html', report([web, db], ports));
    expect(page).toContain(
      `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '${HTML_SCRIPT_HASH}'"`,
    );
    expect(page).not.toMatch(/<link|<img|\bsrc=|\bhref="(?!#)|url\(|@import|https?:\/\//);
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text ?? '');
    const hashes = scripts.map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`);
    expect(hashes).toEqual([HTML_SCRIPT_HASH]);
  });

  it('has contents with an anchor for each host, and a matrix of hosts by ports', async () => {
    const page = await written('html', report([web, db], ports));
    for (const id of ['host-1', 'host-2']) {
      expect(page).toContain(`<section id="${id}">`);
      expect(page).toContain(`<li data-of="${id}"><a href="#${id}">`);
    }
    expect(page).toContain('<a href="#host-1">web.example (192.0.2.1)</a> <span class="faint">22/tcp, 8080/tcp</span>');
    expect(page).toContain('<td class="yes">●</td><td></td></tr>');
    expect(await written('html', report([web], ports))).not.toContain('id="contents"');
  });

  it('folds hosts that look like one above, and gives them one line in the matrix, the rarest first', async () => {
    const alike = Array.from({ length: 5 }, (_, at) => {
      const address = `192.0.2.${at + 10}`;
      return host(address, { findings: [finding(address, 22)], runs: [run(1, 21, 'closed/conn-refused')] });
    });
    const odd = host('192.0.2.99', { findings: [finding('192.0.2.99', 8080)] });
    const page = await written('html', report([...alike, odd], ports));
    expect(page.match(/<section id="host-\d+" class="alike">/g)).toHaveLength(4);
    expect(page).toContain('<details><summary>as <a href="#host-1">192.0.2.10</a></summary>');
    expect(page.match(/<td>22\/tcp<\/td><td>open/g)).toHaveLength(5);
    const lines = [...page.matchAll(/<tr data-of="([^"]+)">/g)].map(([, of]) => of);
    expect(lines).toEqual(['host-6', 'host-1 host-2 host-3 host-4 host-5']);
    expect(page).toContain('192.0.2.10</a> <span class="faint">and 4 hosts alike</span>');
  });

  it('stays in one piece whatever the network says', async () => {
    const parser = new XMLParser({
      parseTagValue: false,
      trimValues: false,
      processEntities: true,
      htmlEntities: true,
    });
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ hosts, make }) => {
        const page = (await written('html', make())).replace('<!doctype html>', '');
        expect(XMLValidator.validate(page)).toBe(true);
        const sections = [parser.parse(page).html.body.section].flat();
        const cells = sections.flatMap(({ table = null, details = null }) =>
          [(table ?? details?.table)?.tbody?.tr ?? []].flat().map(({ td }: { td: string[] }) => td),
        );
        for (const { findings } of hosts) {
          for (const { port, protocol, service, banner, tls } of findings) {
            // A port that was asked and not understood has the name of its number, with a mark.
            const isMarked = service.method === 'table' && banner !== undefined && service.name !== 'unavailable';
            // What speaks TLS from the first byte is written as nmap writes it.
            const isInside = service.method === 'probed' && tls?.startTls === null && service.name !== 'tls';
            const name = cell(isInside ? `ssl/${service.name}` : isMarked ? `${service.name}?` : service.name, 32);
            expect(cells.some((row) => row[0] === `${port}/${protocol}` && row[2] === name)).toBe(true);
          }
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('the Markdown', () => {
  it('has the summary first and a table a host', async () => {
    const open = host('192.0.2.1', {
      ...web,
      runs: [run(1, 21, 'unprobed/deadline'), run(23, 110, 'filtered/no-response')],
    });
    expect(await written('markdown', report([open], ports))).toBe(`# Port scan of 192.0.2.1

Scan 01KAB3X5J2V6Q0M8N4T7R9W1YZ by Portfleet 0.1.0, submitted 2026-11-22 14:20:08 UTC.

- 2 open ports (syn-ack)
- 88 filtered ports (no-response)
- 90 of 111 probed; 21 not probed: the time ran out

## web.example (192.0.2.1)

| Port | State | Service | Reason | Seen |
| --- | --- | --- | --- | --- |
| 22/tcp | open | ssh | syn-ack | 2026-11-22 14:20:08 UTC |
| 8080/tcp | open | http-alt | syn-ack | 2026-11-22 14:20:16 UTC |

- Not shown: 88 filtered tcp ports (no-response)
- Not probed: 1-21 (the time ran out)

Scanning completed in 0:00:16.141690
`);
  });

  it('lets no text out of its cell, and mentions no user', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryReport, async ({ make }) => {
        let columns = 0;
        for (const line of (await written('markdown', make())).split('\n')) {
          if (!line.startsWith('|')) columns = 0;
          else if (columns === 0) columns = line.split('|').length;
          else expect(line.split('|')).toHaveLength(columns);
          expect(line).not.toMatch(/@|(?<!\\)[*_`~\]]|<(?!$)|https?:\/\/|www\./i);
        }
      }),
      { numRuns: 20 },
    );
  });
});
