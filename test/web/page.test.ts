import { readFile } from 'node:fs/promises';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLocalNode } from '../../local/local-node.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, epochMillis, hostKey, type PortNumber } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { aggregateScan } from '../../shared/usecases/aggregate-scan.ts';
import { failChunk } from '../../shared/usecases/fail-chunk.ts';
import { newHostRecord } from '../../shared/watch/judge-host.ts';
import { nameServer, pointerName } from '../helpers/dns-server.ts';
import { sampleScan } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { makeChain } from '../helpers/tls-chain.ts';
import { browserMissing, listen, open, serve, submit, useBrowser } from './browser.ts';

const OVER = '.status.complete, .status.complete-with-gaps, .status.cancelled';

describe.skipIf(browserMissing)('The page', () => {
  const browser = useBrowser();

  it('starts a scan of ports that listen and shows them as they are found', async () => {
    const ports = await listen(3);
    const { page, complaints } = await open(browser(), (await serve()).link);
    await page.click('text=New scan');
    await page.fill('#field-targets', '127.0.0.1');
    await page.fill('#field-ports', `${ports.join(',')},1-200`);
    await page.waitForSelector('.preview dl');
    expect(await page.textContent('.copy code')).toBe(
      `portfleet scan 127.0.0.1 -p '${ports.join(',')},1-200'`.replaceAll("'", ''),
    );
    await page.click('button[type=submit]');
    await page.waitForSelector(OVER);
    for (const port of ports) await page.waitForSelector(`td[data-column=port]:has-text("${port}/tcp")`);
    expect(await page.textContent('[data-count=open]')).toContain(`${ports.length + (await openBelow(page))} open`);
    expect(complaints).toEqual([]);
  });

  it('shows the fault under the very characters while they are typed, and starts nothing', async () => {
    const served = await serve();
    const { page, complaints } = await open(browser(), served.link);
    await page.click('text=New scan');
    await page.fill('#field-targets', '127.0.0.1');
    await page.fill('#field-ports', '22,70000');
    await page.waitForSelector('mark');
    expect(await page.textContent('mark')).toBe('70000');
    expect(await page.isDisabled('button[type=submit]')).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('draws each port of the map in the colour of its state', async () => {
    const ports = await listen(2);
    const served = await serve();
    const id = await submit(served, { targets: ['127.0.0.1'], ports: '1-65535' });
    const { page } = await open(browser(), served.link);
    await page.goto(`${served.url}/#/scan/${id}/map`);
    await page.waitForSelector(OVER);
    await page.waitForSelector('canvas');
    const looked = await page.evaluate((wanted) => {
      const canvas = document.querySelector('canvas');
      const context = canvas?.getContext('2d');
      const style = getComputedStyle(document.documentElement);
      const colourAt = (port: number): string => {
        const [x, y] = [(port % 256) * 4 + 2, Math.floor(port / 256) * 4 + 2];
        const [red = 0, green = 0, blue = 0] = context?.getImageData(x, y, 1, 1).data ?? [];
        return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
      };
      return {
        open: wanted.map(colourAt),
        openColour: style.getPropertyValue('--cell-open').trim(),
        unplanned: colourAt(0),
        unplannedColour: style.getPropertyValue('--ground-not-planned').trim(),
      };
    }, ports);
    expect(looked.open).toEqual(ports.map(() => looked.openColour));
    await page.focus('canvas');
    await page.keyboard.press('ArrowRight');
    expect(await page.textContent('.readout')).toContain('1/tcp');
  });

  it('cancels a scan that runs', async () => {
    const served = await serve();
    const id = await submit(served, { targets: ['127.0.0.1'], ports: '1-65535', rate: 500 });
    const { page } = await open(browser(), served.link);
    await page.goto(`${served.url}/#/scan/${id}`);
    await page.waitForSelector('.status.running');
    await page.waitForSelector('dt:text-is("workers") + dd:text-matches("^[1-9]")');
    await page.click('text=Cancel');
    await page.waitForSelector('.status.cancelled');
    await page.waitForSelector('text=Not every port could be probed');
  });

  it('goes on with a scan that was interrupted, and with one whose chunks failed', async () => {
    const [port = 0] = await listen(1);
    const directory = tempDir();
    const node = openLocalNode(directory);
    const failed = scanOfPort(port);
    for (const scan of [scanOfPort(port), failed]) await node.store.createScan(scan);
    await failChunk({ store: node.store, clock: systemClock }, { scanId: failed.id, chunk: chunkNumber(0) });
    await aggregateScan({ store: node.store, clock: systemClock }, failed.id);
    await node.close();
    const served = await serve({ directory });
    const { page, complaints } = await open(browser(), served.link);
    for (const status of ['complete, with gaps', 'running']) {
      await page.goto(`${served.url}/#/scans`);
      await page.click(`tr:has(.status:text-is("${status}")) a`);
      await page.click('button:text-is("Resume")');
      await page.waitForSelector('.status.complete');
      await page.waitForSelector(`td[data-column=port]:has-text("${port}/tcp")`);
      await page.waitForSelector('button:text-is("Resume")', { state: 'detached' });
    }
    expect(complaints).toEqual([]);
  });

  it('goes on after a reload and after the server was killed, without a gap or a double', async () => {
    const [port = 0] = await listen(1);
    const first = await serve();
    // Half a minute at that rate: the scan must still run when its server is killed, however slow the machine is.
    const id = await submit(first, { targets: ['127.0.0.1'], ports: `1-12000,${port}`, rate: 400 });
    const { page, complaints } = await open(browser(), first.link);
    await page.goto(`${first.url}/#/scan/${id}`);
    await page.waitForSelector('progress');
    await page.reload();
    await page.waitForSelector('progress');
    await first.kill();
    await page.waitForSelector('text=The server does not answer');
    await serve({ directory: first.directory, port: Number(new URL(first.url).port) });
    await page.waitForSelector(OVER);
    await page.waitForSelector(`td[data-column=port]:has-text("${port}/tcp")`);
    expect(await page.locator(`td[data-column=port]:text-is("${port}/tcp")`).count()).toBe(1);
    expect(complaints.filter((line) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(line))).toEqual([]);
  });

  it('filters the findings and exports exactly what is shown', async () => {
    const ports = await listen(4);
    const served = await serve();
    const id = await submit(served, { targets: ['127.0.0.1'], ports: ports.join(',') });
    const { page } = await open(browser(), served.link);
    await page.goto(`${served.url}/#/scan/${id}`);
    await page.waitForSelector(OVER);
    await page.keyboard.press('/');
    await page.waitForSelector('#filter:focus');
    await page.keyboard.type(`port:${ports[1]}-${ports[2]} state:open`);
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 2);
    await page.click('text=Export');
    const waiting = page.waitForEvent('download');
    await page.click('.menu-body button:text-is("csv")');
    const file = await (await waiting).path();
    const lines = (await readFile(file, 'utf8')).trim().split('\n').slice(1);
    expect(lines.map((line) => ports.find((port) => line.includes(`,${port},`)))).toEqual([ports[1], ports[2]]);
    await page.fill('#filter', 'cert:soon');
    await page.waitForSelector('#filter[aria-invalid=true]');
  });

  it('tells of a port each certificate that it sends, with the days that it has left', async () => {
    const names = { root: '/CN=Example root', authority: '/CN=Example authority', server: '/CN=a.example' };
    const server = createServer(makeChain(names, tempDir()), (socket) => socket.end()).on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const served = await serve();
    const id = await submit(served, { targets: ['127.0.0.1'], ports: `${port}`, detect: 'tls' });
    const { page } = await open(browser(), served.link);
    await page.goto(`${served.url}/#/scan/${id}`);
    await page.waitForSelector(OVER);
    await page.waitForSelector('td[data-column=certificate]:has-text("d left")');
    await page.click('tbody tr');
    await page.waitForSelector('dialog.drawer[open] ol.chain');
    const shown = await page.locator('ol.chain li').allTextContents();
    expect(shown).toHaveLength(2);
    expect(shown[0]).toMatch(/CN=Example authority.*CN=Example root.*(?:89|90) days left.*([0-9A-F]{2}:){31}/);
    expect(shown[1]).toMatch(/CN=Example root.*itself/);
  });

  it('says that the server has another version now, until it is loaded again', async () => {
    const served = await serve();
    const { page } = await open(browser(), served.link);
    await page.route('**/scans?*', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), 'portfleet-page': '9.8.7' } });
    });
    await page.click('nav >> text=New scan');
    await page.click('nav >> text=Scans');
    await page.waitForSelector('.notice:has-text("version 9.8.7")');
    await page.unroute('**/scans?*');
    await page.click('text=Reload the page');
    await page.waitForSelector('text=No scans yet');
    expect(await page.locator('.notice:has-text("version")').count()).toBe(0);
  });

  it('tells what changed between two scans of one target', async () => {
    const [stays = 0, opens = 0] = await listen(2);
    const served = await serve();
    const { page } = await open(browser(), served.link);
    for (const ports of [`${stays}`, `${stays},${opens}`]) {
      const id = await submit(served, { targets: ['127.0.0.1'], ports });
      await page.goto(`${served.url}/#/scan/${id}`);
      await page.waitForSelector(OVER);
    }
    await page.goto(`${served.url}/#/changes`);
    await page.waitForSelector('table.timeline');
    // The first scan did not probe the second port: nothing is known of it, so nothing has changed.
    expect(await page.locator('table.timeline tr.changed').count()).toBe(0);
    expect(await page.locator(`table.timeline tr:has-text("${opens}/tcp") td`).allTextContents()).toEqual(['', 'open']);
    await page.goto(`${served.url}/#/scan/${await submit(served, { targets: ['127.0.0.1'], ports: `${stays}` })}`);
    await page.waitForSelector(OVER);
    await page.click('tbody tr');
    await page.waitForSelector('[data-since]:has-text("in 3 scans in a row")');
  });

  it('shows and filters by the names that DNS has for a host', async () => {
    // The hosts file has no name for it; the names of this machine's own addresses are looked up where all are.
    const address = '127.0.77.1';
    const [port = 0] = await listen(1, address);
    const served = await serve();
    await using dns = await nameServer({ [pointerName(address)]: ['web.example'] });
    const request = { targets: [address], ports: `${port}`, reverseNames: 'all', dnsServers: [dns.server] };
    const { page, complaints } = await open(browser(), served.link);
    await page.goto(`${served.url}/#/scan/${await submit(served, request)}`);
    await page.waitForSelector(OVER);
    await page.waitForSelector('td[data-column=address]:has-text("web.example (127.0.77.1)")');
    await page.fill('#filter', 'host:web.example');
    await page.waitForSelector('text=1 of 1 finding');
    expect(complaints).toEqual([]);
  });

  it('tells since when a port is open by the watch that saw it open', async () => {
    const [port = 0] = await listen(1);
    const served = await serve();
    const node = openLocalNode(served.directory);
    const watch = sampleWatch({ spec: { name: 'edge' } });
    await node.watches.createWatch({ ...watch, nextRunAt: null });
    const [closed, opened] = [epochMillis(Date.UTC(2026, 0, 2, 3, 4)), epochMillis(Date.UTC(2026, 0, 2, 9, 4))];
    const span = { from: opened, after: closed, to: null, service: null };
    const record = newHostRecord(hostKey('127.0.0.1'));
    await node.watches.replaceHost(watch.id, { ...record, spans: { [`tcp/${port}`]: [span] } });
    await node.close();
    const { page, complaints } = await open(browser(), served.link);
    await page.goto(`${served.url}/#/scan/${await submit(served, { targets: ['127.0.0.1'], ports: `${port}` })}`);
    await page.waitForSelector(OVER);
    await page.click('tbody tr');
    const said = await page.locator('[data-since]').textContent();
    expect(said).toMatch(/^Not open on .*, open since .*, as the watch edge saw it\.$/);
    expect(complaints).toEqual([]);
  });

  it('adds a watch, shows it, and pauses it', async () => {
    const [port = 0] = await listen(1);
    const { page, complaints } = await open(browser(), (await serve()).link);
    await page.click('nav >> text=Watches');
    await page.waitForSelector('text=No watches yet');
    await page.fill('#watch-name', 'edge');
    await page.fill('#watch-targets', '127.0.0.1');
    await page.fill('#watch-ports', `${port}`);
    await page.fill('#watch-every', '6h');
    await page.click('text=Add the watch');
    await page.click('tbody a:text-is("edge")');
    await page.waitForSelector('text=Its first run learns what is so');
    await page.click('button:text-is("Pause")');
    await page.waitForSelector('button:text-is("Resume")');
    await page.waitForSelector('td:text-is("when it is resumed")');
    expect(complaints).toEqual([]);
  });

  it('is worked by the keyboard alone', async () => {
    const [port = 0] = await listen(1);
    const { page } = await open(browser(), (await serve()).link);
    await page.keyboard.press('n');
    await page.waitForSelector('#field-targets');
    await page.focus('#field-targets');
    await page.keyboard.type('127.0.0.1');
    await page.focus('#field-ports');
    await page.keyboard.type(`${port}`);
    await page.waitForSelector('button[type=submit]:not([disabled])');
    await page.keyboard.press('Enter');
    await page.waitForSelector(OVER);
    await page.focus('tbody tr');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog.drawer[open]');
    expect(await page.textContent('dialog.drawer h2')).toContain(`${port}/tcp`);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog.drawer', { state: 'detached' });
    await page.keyboard.press('2');
    await page.waitForSelector('canvas');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open] kbd');
  });
});

/** A scan of one port of this machine, which a command began that is gone. */
function scanOfPort(port: number): Scan {
  const { plan, ...scan } = sampleScan({ status: 'running' });
  const number = port as PortNumber;
  const geometry = { ...plan.geometry, portCount: 1, size: 1 };
  return { ...scan, plan: { ...plan, ports: { tcp: [[number, number]], udp: [] }, geometry } };
}

/** Ports of 1-200 that this machine has open beside those of the test. */
async function openBelow(page: {
  locator(selector: string): { allTextContents(): Promise<string[]> };
}): Promise<number> {
  const shown = await page.locator('td[data-column=port]').allTextContents();
  return shown.filter((text) => Number.parseInt(text, 10) <= 200).length;
}
