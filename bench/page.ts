// What the page costs: script, first paint, drawing the port map, and scrolling a matrix of 4,096 hosts.
// Run: node --import ./bench/load-typescript.mjs bench/page.ts
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { type MapTimes, timeDraws } from './map-draw.ts';
import { servePage } from './serve-page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAM = join(ROOT, 'dist/portfleet.mjs');
const HOSTS = 4_096;
const PORTS = [22, 25, 53, 80, 110, 143, 443, 445, 993, 3306, 3389, 5432, 6379, 8080, 8443, 9200];

/** 4,096 hosts in nmap's XML: most alike, each hundredth with one port that no other has. */
function manyHosts(): string {
  const hosts = Array.from({ length: HOSTS }, (_, at) => {
    const address = `127.${16 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
    const open = (index: number): boolean => index % 4 === 0 || (at % 100 === 0 && index === at % 16);
    const ports = PORTS.map((port, index) => {
      const state = open(index) ? 'state="open" reason="syn-ack"' : 'state="closed" reason="conn-refused"';
      return `<port protocol="tcp" portid="${port}"><state ${state} reason_ttl="0"/></port>`;
    });
    const head = `<status state="up" reason="user-set" reason_ttl="0"/><address addr="${address}" addrtype="ipv4"/>`;
    return `<host starttime="1795348800" endtime="1795348801">${head}<ports>${ports.join('')}</ports></host>`;
  });
  const info = `<scaninfo type="connect" protocol="tcp" numservices="${PORTS.length}" services="${PORTS.join(',')}"/>`;
  const head = `<nmaprun scanner="nmap" args="nmap" start="1795348800" version="7.94" xmloutputversion="1.05">${info}`;
  const counts = `<finished time="1795348802" exit="success"/><hosts up="${HOSTS}" down="0" total="${HOSTS}"/>`;
  return `<?xml version="1.0"?>\n${head}${hosts.join('\n')}<runstats>${counts}</runstats></nmaprun>\n`;
}

/** Clock ticks that the browser's processes have had: Linux tells them in hundredths of a second. */
function browserTicks(): number {
  const processes = readdirSync('/proc').flatMap((pid) => {
    try {
      const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      const fields = rest.split(' ');
      return [{ pid: Number(pid), name, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
    } catch {
      return [];
    }
  });
  const below = (pid: number): typeof processes =>
    processes.filter(({ parent }) => parent === pid).flatMap((each) => [each, ...below(each.pid)]);
  return below(process.pid)
    .filter(({ name }) => name.startsWith('chrom'))
    .reduce((sum, { ticks }) => sum + ticks, 0);
}

/** Milliseconds of CPU that all of the browser takes for a frame, each at another place of the list. */
async function processorPerFrame(page: Page): Promise<number> {
  const frames = 200;
  const before = browserTicks();
  await page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        const box = document.querySelector('.matrix');
        let drawn = 0;
        const step = (): void => {
          if (box) box.scrollTop = (box.scrollHeight * drawn) / count;
          drawn += 1;
          if (drawn < count) requestAnimationFrame(step);
          else resolve();
        };
        requestAnimationFrame(step);
      }),
    frames,
  );
  return ((browserTicks() - before) * 10) / frames;
}

/** Frames that the browser drew in a second of scrolling through all rows. */
const framesPerSecond = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const box = document.querySelector('.matrix');
        const started = performance.now();
        let frames = 0;
        const step = (now: number): void => {
          frames += 1;
          const part = (now - started) / 1_000;
          if (box) box.scrollTop = part * box.scrollHeight;
          if (part < 1) requestAnimationFrame(step);
          else resolve(frames / part);
        };
        requestAnimationFrame(step);
      }),
  );

/** Milliseconds of CPU of all of the browser for a key in the map: the arrow moves the cursor, plus and minus draw anew. */
async function processorPerKey(page: Page, keys: readonly string[]): Promise<number> {
  const times = 100;
  const before = browserTicks();
  await page.evaluate(
    ([all, count]) =>
      new Promise<void>((resolve) => {
        const canvas = document.querySelector('canvas.port-map');
        let pressed = 0;
        const step = (): void => {
          const key = all[pressed % all.length] ?? '';
          canvas?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          pressed += 1;
          if (pressed < count) requestAnimationFrame(step);
          else resolve();
        };
        step();
      }),
    [keys, times] as const,
  );
  return ((browserTicks() - before) * 10) / times;
}

const DRAWN: Readonly<Record<keyof MapTimes, string>> = {
  closed: 'a host of closed ports',
  filtered: 'a host of filtered ports',
  shuffled: 'a host in the middle of its scan',
  rows: 'four rows that were settled',
  cursor: 'a move of the cursor',
};

const line = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(50)} ${value}\n`);

const directory = mkdtempSync(join(tmpdir(), 'portfleet-page-'));
const assets = join(ROOT, 'dist/web/assets');
const scripts = readdirSync(assets).filter((file) => file.endsWith('.js'));
const sizes = scripts.map((file) => statSync(join(assets, file)).size);
line('script before compression, all parts', `${(sizes.reduce((a, b) => a + b, 0) / 1_000).toFixed(0)} KB`);
writeFileSync(join(directory, 'many.xml'), manyHosts());
execFileSync(process.execPath, [PROGRAM, 'import', join(directory, 'many.xml'), '--data-dir', directory]);
const server = await servePage(PROGRAM, directory);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const draws = await timeDraws(browser, ROOT);
  for (const [what, millis] of Object.entries(draws))
    line(`drawing the map: ${DRAWN[what as keyof MapTimes]}`, `${millis.toFixed(2)} ms`);
  const page = await browser.newPage({ viewport: { width: 1_280, height: 860 } });
  await page.goto(server.link);
  await page.waitForSelector('tbody tr');
  const loaded = await page.evaluate(() => {
    const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const own = resources.filter(({ name }) => name.endsWith('.js'));
    return own.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
  });
  line('script that a reader of scans loads', `${(loaded / 1_000).toFixed(0)} KB`);
  await page.reload();
  await page.waitForSelector('tbody tr');
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  line('first contentful paint', `${paint.toFixed(0)} ms`);
  await page.click('tbody a');
  await page.waitForSelector('#tab-hosts');
  await page.click('#tab-map');
  await page.waitForSelector('canvas.port-map');
  await processorPerKey(page, ['+', '-']);
  line('CPU of the browser for a frame of another zoom', `${(await processorPerKey(page, ['+', '-'])).toFixed(1)} ms`);
  line('CPU of the browser for a move in it', `${(await processorPerKey(page, ['ArrowRight'])).toFixed(1)} ms`);
  await page.click('#tab-hosts');
  await page.waitForSelector('.matrix canvas');
  // The first time, what scrolls is still being compiled.
  await processorPerFrame(page);
  line('CPU of the browser for a frame of scrolling', `${(await processorPerFrame(page)).toFixed(1)} ms`);
  line(`scrolling ${HOSTS} hosts`, `${(await framesPerSecond(page)).toFixed(0)} frames a second`);
} finally {
  await browser.close();
  server.end();
  rmSync(directory, { recursive: true, force: true });
}
