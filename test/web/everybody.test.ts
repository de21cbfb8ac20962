import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openLocalNode } from '../../local/local-node.ts';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import { chunkNumber, epochMillis } from '../../shared/domain/units.ts';
import { sampleFinding, sampleScan, sampleSummary } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { browserMissing, open, serve, useBrowser } from './browser.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a stranger could put into a banner, a product, a certificate or a host name. */
const HOSTILE = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202e\u001b[31m`;

/** A data directory with one scan that is over, and whatever a stranger said in it. */
async function storedScan(): Promise<{ readonly directory: string; readonly id: string }> {
  const directory = tempDir();
  const node = openLocalNode(directory);
  const finished = {
    status: 'complete',
    finishedAt: epochMillis(1_795_348_802_000),
    summary: sampleSummary(),
  } as const;
  const scan = sampleScan({ ...finished, request: { targets: [HOSTILE], exclude: [], ports: '-' } });
  await node.store.createScan(scan);
  const said = {
    banner: HOSTILE,
    service: { name: HOSTILE, method: 'probed', product: HOSTILE, info: HOSTILE },
  } as const;
  await node.store.putFindings(scan.id, chunkNumber(0), [sampleFinding(22, said), sampleFinding(443)]);
  const runs = [
    [21, 'closed/conn-refused'],
    [1, 'open/syn-ack'],
    [420, 'filtered/no-response'],
    [1, 'open/syn-ack'],
    [60_000, 'closed/conn-refused'],
    [5_092, 'unprobed/deadline'],
  ] as const;
  await node.store.putCoverage(scan.id, { chunk: chunkNumber(0), runs, tally: NO_PROBES });
  await node.close();
  return { directory, id: scan.id };
}

const PLACES = (id: string): readonly string[] => [
  '#/scans',
  '#/new?targets=127.0.0.1&ports=22,70000',
  `#/scan/${id}/findings`,
  `#/scan/${id}/map`,
  `#/scan/${id}/hosts`,
  `#/scan/${id}/about`,
  '#/changes',
  '#/watches',
];

/** Runs in the browser: what stands beyond the edges of the page, or of a box that cuts it off without a sign of it. */
function cutOff(): string[] {
  const root = document.querySelector('dialog[open]') ?? document.body;
  const isScrolled = (each: Element): boolean => each.closest('.scroll, .matrix, pre, [role=region]') !== null;
  return [
    ...root.querySelectorAll<HTMLElement>('h1, h2, h3, p, a, button, input, select, textarea, label, li, dd, dt, td'),
  ]
    .filter((each) => each.checkVisibility() && !each.matches('.skip') && !isScrolled(each))
    .filter((each) => {
      const { left, right } = each.getBoundingClientRect();
      const { overflowX, textOverflow } = getComputedStyle(each);
      const hides = overflowX === 'hidden' && textOverflow !== 'ellipsis' && each.scrollWidth > each.clientWidth + 1;
      return left < -1 || right > innerWidth + 1 || hides;
    })
    .map((each) => each.outerHTML.slice(0, 120));
}

/** Runs in the browser: what can be used, and has something else in front of its middle once it is scrolled to. */
function covered(): string[] {
  const root = document.querySelector('dialog[open]') ?? document.body;
  return [...root.querySelectorAll<HTMLElement>('a, button, input, select, textarea, summary, canvas[tabindex]')]
    .filter((each) => each.checkVisibility() && !each.matches('.skip'))
    .filter((each) => {
      each.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
      const { left, top, width, height } = each.getBoundingClientRect();
      const front = document.elementFromPoint(left + width / 2, top + height / 2);
      const isMenu = front?.closest('details[open]') && !each.closest('details[open]');
      return !isMenu && !(front && (each.contains(front) || front.contains(each)));
    })
    .map((each) => each.outerHTML.slice(0, 120));
}

async function visit(page: Page, url: string, hash: string): Promise<void> {
  await page.goto(`${url}/${hash}`);
  await page.waitForSelector('h1, .notice');
  await page.waitForFunction(() => !document.querySelector('.loading'));
}

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

const seriousIn = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResult> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });

describe.skipIf(browserMissing)('The page, for everybody', () => {
  const browser = useBrowser();

  for (const dark of [false, true]) {
    it(`has nothing that axe finds fault with, ${dark ? 'dark' : 'light'}`, async () => {
      const { directory, id } = await storedScan();
      const served = await serve({ directory });
      const { page, context } = await open(browser(), served.link, { dark });
      await context.addInitScript(AXE);
      await page.reload();
      for (const hash of PLACES(id)) {
        await visit(page, served.url, hash);
        expect(await seriousIn(page), hash).toEqual([]);
      }
    });
  }

  it('takes what a stranger said for text, wherever it stands, and breaks no policy', async () => {
    const { directory, id } = await storedScan();
    const served = await serve({ directory });
    const { page, complaints } = await open(browser(), served.link);
    for (const hash of PLACES(id)) {
      await visit(page, served.url, hash);
      expect(await page.locator('img, main script').count(), hash).toBe(0);
    }
    await page.goto(`${served.url}/#/scan/${id}`);
    await page.locator('tbody tr').first().click();
    await page.waitForSelector('dialog.drawer[open]');
    expect(await page.textContent('pre.banner')).toContain('<script>');
    expect(await page.textContent('pre.banner')).not.toMatch(/[\u202e\u001b]/);
    expect(await page.title()).toBe('Portfleet');
    expect(complaints).toEqual([]);
  });

  it('needs no sideways scrolling at 375 pixels and no text under 12 pixels', async () => {
    const { directory, id } = await storedScan();
    const served = await serve({ directory });
    const { page } = await open(browser(), served.link, { width: 375 });
    for (const hash of PLACES(id)) {
      await visit(page, served.url, hash);
      const [width, smallest] = await page.evaluate(() => {
        const sizes = [...document.querySelectorAll('main *')].map((each) =>
          Number.parseFloat(getComputedStyle(each).fontSize),
        );
        return [document.documentElement.scrollWidth, Math.min(...sizes)];
      });
      expect(width, hash).toBeLessThanOrEqual(375);
      expect(smallest, hash).toBeGreaterThanOrEqual(12);
    }
  });

  it('at 200 % zoom needs no sideways scrolling, cuts nothing off, and covers nothing', async () => {
    const { directory, id } = await storedScan();
    const served = await serve({ directory });
    const { page } = await open(browser(), served.link, { zoom: 2 });
    expect(await page.evaluate(() => [innerWidth, devicePixelRatio])).toEqual([640, 2]);
    const faults: string[] = [];
    const faultsOf = async (where: string): Promise<string[]> => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      return [
        ...(width > 640 ? [`${where} is ${width} pixels wide`] : []),
        ...(await page.evaluate(cutOff)).map((each) => `${where} cuts off ${each}`),
        ...(await page.evaluate(covered)).map((each) => `${where} covers ${each}`),
      ];
    };
    for (const hash of PLACES(id)) {
      await visit(page, served.url, hash);
      faults.push(...(await faultsOf(hash)));
      for (const each of await page.locator('main summary').all()) {
        await each.click();
        faults.push(...(await faultsOf(`${hash}, opened`)));
      }
    }
    expect(faults).toEqual([]);
    await page.goto(`${served.url}/#/scan/${id}/findings`);
    await page.locator('tbody tr').first().click();
    await page.waitForSelector('dialog.drawer[open]');
    expect(await faultsOf('the drawer')).toEqual([]);
  });
});

describe.skipIf(browserMissing)('The way in', () => {
  const browser = useBrowser();

  it('leaves no token in the address, and a link is good once', async () => {
    const served = await serve();
    const { page, context } = await open(browser(), served.link);
    expect(page.url()).toBe(`${served.url}/`);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    const stranger = await browser().newContext();
    const other = await stranger.newPage();
    await other.goto(served.link);
    await other.waitForSelector('text=This browser is not signed in');
    await stranger.close();
  });

  it('lets no page of another site in, not even one of this machine', async () => {
    const served = await serve();
    const { context } = await open(browser(), served.link);
    const evil = await context.newPage();
    await evil.route('http://evil.test/', (route) => route.fulfill({ contentType: 'text/html', body: '<p>evil</p>' }));
    await evil.goto('http://evil.test/');
    const status = await evil.evaluate(
      async (url) =>
        await fetch(`${url}/scans`, { credentials: 'include', mode: 'cors' }).then(
          ({ status: answered }) => answered,
          () => 'refused',
        ),
      served.url,
    );
    expect(status).toBe('refused');
    const response = await fetch(`${served.url}/scans`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(response.status).toBe(403);
  });

  it('knows its browsers after a restart, and no others', async () => {
    const first = await serve();
    const { page } = await open(browser(), first.link);
    const port = Number(new URL(first.url).port);
    await first.kill();
    await serve({ directory: first.directory, port });
    await page.reload();
    await page.waitForSelector('text=No scans yet');
    const response = await fetch(`${first.url}/scans`, { headers: { cookie: `portfleet-${port}=9999999999.forged` } });
    expect(response.status).toBe(401);
  });
});

describe.skipIf(browserMissing)("A report in nmap's XML", () => {
  const browser = useBrowser();

  it('is a table in a browser, from a file that lies anywhere', async () => {
    const { directory } = await storedScan();
    const words = ['show', '@1', '--format', 'xml', '--data-dir', directory];
    const command = fileURLToPath(new URL('../../dist/portfleet.mjs', import.meta.url));
    const file = `${directory}/report.xml`;
    writeFileSync(file, execFileSync(process.execPath, [command, ...words]));
    const page = await browser().newPage();
    await page.goto(`file://${file}`);
    const shown = await page.evaluate(() => {
      const ports = [...document.querySelectorAll('port')];
      const look = (each: Element): string =>
        `${getComputedStyle(each).display} ${getComputedStyle(each, '::before').content}`;
      return ports.map(look);
    });
    expect(shown).toContain('table-row "22/tcp"');
    await page.close();
  });
});
