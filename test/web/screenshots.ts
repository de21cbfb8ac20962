// Takes the pictures of docs/page.md: npm run docs:page. They show real scans of ports that this program opens itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { servePage } from '../../bench/serve-page.ts';
import { openLocalNode } from '../../local/local-node.ts';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import { type Address, chunkNumber, epochMillis, type ScanId } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { aggregateScan } from '../../shared/usecases/aggregate-scan.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { failChunk } from '../../shared/usecases/fail-chunk.ts';
import { sampleFinding, sampleScan } from '../helpers/sample-scan.ts';
import { makeChain } from '../helpers/tls-chain.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PICTURES = process.argv[2] ?? join(ROOT, 'docs/page');
const HOSTS = Array.from({ length: 24 }, (_, at) => `127.9.0.${at + 1}`);

const AUTHORITIES = {
  root: '/O=Example/CN=Example root',
  authority: '/O=Example/CN=Example authority',
  server: '/CN=web.example',
};

const greeting = (text: string): Server => createServer((socket) => void socket.on('error', () => {}).end(text));

/** A small network on loopback: all hosts alike but one, which has a database that the others have not. */
async function network(folder: string): Promise<readonly Server[]> {
  const servers: Server[] = [];
  const open = async (server: Server, host: string, port: number): Promise<void> => {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    servers.push(server);
  };
  const chain = makeChain(AUTHORITIES, folder);
  for (const [at, host] of HOSTS.entries()) {
    const secure = createSecureServer(chain, (_, response) => void response.end('hello'));
    await open(greeting('SSH-2.0-OpenSSH_9.6\r\n'), host, 2022);
    const web = createHttpServer((_, response) =>
      response.setHeader('server', 'nginx/1.26.2').end('<title>Hello</title>'),
    );
    await open(web, host, 8080);
    if (at % 8 === 6) await open(secure, host, 8443);
    if (at === 6) await open(greeting('5.7.44-log mysql_native_password'), host, 3306);
    if (at % 5 === 0) await open(greeting('220 mail.example ESMTP Postfix\r\n'), host, 2525);
  }
  return servers;
}

/** The machine's own listeners below 10,000 that would be in every picture. */
const OWN = '2024';

const SIZE = { width: 1_100, height: 720 };

/** Twice the same: the second scan is compared with the first. */
const WEB = { targets: '127.9.0.7', ports: '2022,3306,8080' };

const OVER = '.status.complete, .status.complete-with-gaps';

async function scan(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#/new?${new URLSearchParams(fields)}`);
  await page.waitForSelector('.preview dl');
  await page.click('button[type=submit]');
  await page.waitForSelector('.tabs');
}

/** @param part what is shown; all of the page when left out */
async function shoot(page: Page, name: string, part?: string): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('.loading'));
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const path = join(PICTURES, `${name}-${scheme}.png`);
    await (part ? page.locator(part).screenshot({ path }) : page.screenshot({ path }));
  }
}

/** A scan that ended although its second chunk failed, as a fleet of workers that died leaves one. */
async function scanWithGaps(directory: string): Promise<ScanId> {
  const node = openLocalNode(directory);
  const { plan, ...scan } = sampleScan({ chunks: 2, status: 'running', submittedAt: epochMillis(Date.now() - 90_000) });
  const host = '127.9.0.3' as Address;
  const request = { targets: [host], exclude: [], ports: '-' };
  const stored = { ...scan, request, names: [], plan: { ...plan, addresses: [{ first: host, last: host }] } };
  await node.store.createScan(stored);
  const runs = [
    [2_021, 'closed/conn-refused'],
    [1, 'open/syn-ack'],
    [30_746, 'closed/conn-refused'],
  ] as const;
  await node.store.putFindings(scan.id, chunkNumber(0), [sampleFinding(2_022, { address: host })]);
  await node.store.putCoverage(scan.id, { chunk: chunkNumber(0), runs, tally: { ...NO_PROBES, sent: 32_768 } });
  const deps = { store: node.store, clock: systemClock };
  await completeChunk(deps, stored, chunkNumber(0), 'settled');
  await failChunk(deps, { scanId: scan.id, chunk: chunkNumber(1) });
  await aggregateScan(deps, scan.id);
  await node.close();
  return scan.id;
}

const directory = mkdtempSync(join(tmpdir(), 'portfleet-pictures-'));
const servers = await network(directory);
const server = await servePage(join(ROOT, 'dist/portfleet.mjs'), directory);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: SIZE });
  page.setDefaultTimeout(120_000);
  await page.goto(server.link);
  const { origin } = new URL(page.url());
  await page.waitForSelector('.examples');
  await shoot(page, 'empty');
  await page.goto(`${origin}/#/new?targets=127.9.0.1-24&ports=2000-2600,70000`);
  await page.waitForSelector('mark');
  await shoot(page, 'new-scan');
  await scan(page, { targets: '127.9.0.7', ports: '-', excludePorts: OWN, timing: 'T2' });
  await page.click('#tab-map');
  await page.waitForSelector('progress');
  await page.waitForFunction(() => (document.querySelector('progress')?.value ?? 0) > 12_000);
  await shoot(page, 'running');
  await page.click('text=Cancel');
  const gaps = await scanWithGaps(directory);
  await page.goto(`${origin}/#/scan/${gaps}/map`);
  await page.waitForSelector('canvas');
  await shoot(page, 'gaps');
  for (let time = 0; time < 2; time++) await scan(page, WEB);
  await page.waitForSelector(OVER);
  await page.click('text=What changed >> nth=0');
  await page.waitForSelector('table.timeline');
  await shoot(page, 'changes');
  await scan(page, {
    targets: '127.9.0.1-24',
    ports: '2000-2022,2500-2600,3306,8080,8443',
    detect: 'services',
    timing: 'T4',
  });
  await page.waitForSelector(OVER);
  await shoot(page, 'findings');
  await page.locator('tbody tr:has-text("8443")').first().click();
  await page.waitForSelector('dialog[open]');
  await shoot(page, 'port');
  await page.locator('dialog ol.chain').scrollIntoViewIfNeeded();
  await shoot(page, 'certificate', 'dialog.drawer');
  await page.keyboard.press('Escape');
  await page.click('#tab-hosts');
  await page.waitForSelector('.matrix');
  await shoot(page, 'hosts');
  await page.selectOption('.hosts-view select', 'maps');
  await page.waitForSelector('.small-maps canvas');
  await shoot(page, 'maps');
  await page.click('#tab-about');
  await shoot(page, 'about');
  await page.setViewportSize({ width: 375, height: 720 });
  await page.click('#tab-findings');
  await page.waitForSelector('table.findings');
  await shoot(page, 'narrow');
  await page.setViewportSize(SIZE);
  await page.click('nav >> text=Watches');
  await page.fill('#watch-name', 'web');
  await page.fill('#watch-targets', '127.9.0.1-4');
  await page.fill('#watch-ports', '2022,8080');
  await page.fill('#watch-every', '6h');
  await page.click('text=Add the watch');
  await page.click('tbody a:text-is("web")');
  await page.waitForSelector('tbody .status.running');
  await shoot(page, 'watches');
  await page.click('nav >> text=Scans');
  await page.waitForSelector('tbody tr');
  await shoot(page, 'scans');
  await page.keyboard.press('?');
  await shoot(page, 'keys');
  await page.keyboard.press('Escape');
  server.end();
  await page.click('nav >> text=Watches');
  await page.waitForSelector('.notice.bad');
  await shoot(page, 'away');
} finally {
  await browser.close();
  server.end();
  for (const each of servers) each.close();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
