// Takes the pictures of docs/page.md: npm run docs:page. They show real scans of ports that this program opens itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { servePage } from '../../bench/serve-page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PICTURES = join(ROOT, 'docs/page');
const HOSTS = Array.from({ length: 24 }, (_, at) => `127.9.0.${at + 1}`);

const greeting = (text: string): Server => createServer((socket) => void socket.on('error', () => {}).end(text));

/** A small network on loopback: all hosts alike but one, which has a database that the others have not. */
async function network(): Promise<readonly Server[]> {
  const servers: Server[] = [];
  const open = async (server: Server, host: string, port: number): Promise<void> => {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    servers.push(server);
  };
  for (const [at, host] of HOSTS.entries()) {
    await open(greeting('SSH-2.0-OpenSSH_9.6\r\n'), host, 2022);
    const web = createHttpServer((_, response) =>
      response.setHeader('server', 'nginx/1.26.2').end('<title>Hello</title>'),
    );
    await open(web, host, 8080);
    if (at === 6) await open(greeting('5.7.44-log mysql_native_password'), host, 3306);
    if (at % 5 === 0) await open(greeting('220 mail.example ESMTP Postfix\r\n'), host, 2525);
  }
  return servers;
}

const OVER = '.status.complete, .status.complete-with-gaps';

async function scan(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#/new?${new URLSearchParams(fields)}`);
  await page.waitForSelector('.preview dl');
  await page.click('button[type=submit]');
  await page.waitForSelector('.tabs');
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('.loading'));
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.screenshot({ path: join(PICTURES, `${name}-${scheme}.png`) });
  }
}

const directory = mkdtempSync(join(tmpdir(), 'portfleet-pictures-'));
const servers = await network();
const server = await servePage(join(ROOT, 'dist/portfleet.mjs'), directory);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1_100, height: 720 } });
  await page.goto(server.link);
  await page.waitForSelector('.examples');
  await shoot(page, 'empty');
  await page.goto(`${new URL(page.url()).origin}/#/new?targets=127.9.0.1-24&ports=2000-2600,70000`);
  await page.waitForSelector('mark');
  await shoot(page, 'new-scan');
  await scan(page, { targets: '127.9.0.7', ports: '-', timing: 'T2' });
  await page.click('#tab-map');
  await page.waitForSelector('progress');
  await page.waitForFunction(() => (document.querySelector('progress')?.value ?? 0) > 12_000);
  await shoot(page, 'running');
  await page.click('text=Cancel');
  await scan(page, {
    targets: '127.9.0.1-24',
    ports: '2000-2022,2500-2600,3306,8080',
    detect: 'services',
    timing: 'T4',
  });
  await page.waitForSelector(OVER);
  await shoot(page, 'findings');
  await page.locator('tbody tr').first().click();
  await page.waitForSelector('dialog[open]');
  await shoot(page, 'port');
  await page.keyboard.press('Escape');
  await page.click('#tab-hosts');
  await page.waitForSelector('.matrix');
  await shoot(page, 'hosts');
} finally {
  await browser.close();
  server.end();
  for (const each of servers) each.close();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);
