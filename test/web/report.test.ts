import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatReport } from '../../shared/report/formats/format.ts';
import { finding, host, OPTIONS, report, run, tcp, whole } from '../helpers/sample-report.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { browserMissing, useBrowser } from './browser.ts';

/** Three hundred hosts: all alike but the hundredth, which has a database. */
async function reportFile(): Promise<string> {
  const hosts = Array.from({ length: 300 }, (_, at) => {
    const address = `192.0.${2 + Math.floor(at / 250)}.${1 + (at % 250)}`;
    const said = { name: 'http', method: 'probed', product: 'nginx', version: '1.26.2' } as const;
    const findings = [finding(address, 22), finding(address, 8080, { service: said })];
    if (at === 99) findings.push(finding(address, 5432, { service: { name: 'postgresql', method: 'table' } }));
    return host(address, {
      findings,
      runs: [run(1, 21, 'closed/conn-refused'), run(23, 1_000, 'filtered/no-response')],
    });
  });
  const file = join(tempDir(), 'report.html');
  writeFileSync(
    file,
    await whole(formatReport('html', report(hosts, tcp([1, 1_000], [5_432, 5_432], [8_080, 8_080])), OPTIONS)),
  );
  return `file://${file}`;
}

describe.skipIf(browserMissing)('The written report', () => {
  const browser = useBrowser();

  async function opened(more: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser().newContext({ viewport: { width: 1_100, height: 800 }, ...more });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(await reportFile());
    return { page, complaints };
  }

  const shownSections = (page: Page): Promise<number> => page.locator('section[id]:visible').count();

  it('is short, has contents that lead to each host, and a matrix with the odd one on top', async () => {
    const { page, complaints } = await opened();
    // In place of a chart and a table for each, 155,000 pixels.
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(25_000);
    expect(await page.locator('.contents li a').count()).toBe(300);
    expect(await page.locator('.matrix tbody tr').allTextContents()).toEqual([
      expect.stringContaining('192.0.2.100'),
      expect.stringContaining('and 298 hosts alike'),
    ]);
    await page.locator('.contents li a').nth(250).click();
    const id = new URL(page.url()).hash;
    expect(await page.locator(id).evaluate((section) => Math.abs(section.getBoundingClientRect().top))).toBeLessThan(
      800,
    );
    await page.locator(`${id} summary`).click({ position: { x: 2, y: 8 } });
    expect(await page.locator(`${id} tbody tr:visible:has-text("8080/tcp")`).textContent()).toContain('nginx 1.26.2');
    expect(complaints).toEqual([]);
  });

  it('filters from the file alone', async () => {
    const { page, complaints } = await opened();
    await page.fill('.filter input', 'postgresql');
    expect(await shownSections(page)).toBe(1);
    expect(await page.textContent('.filter output')).toBe('1 of 300 hosts');
    expect(await page.locator('.matrix tbody tr:visible').count()).toBe(1);
    await page.fill('.filter input', '192.0.3. nginx');
    expect(await shownSections(page)).toBe(50);
    expect(await page.locator('.contents li:visible').count()).toBe(50);
    await page.fill('.filter input', '');
    expect(await shownSections(page)).toBe(300);
    expect(complaints).toEqual([]);
  });

  it('can be read whole without its script', async () => {
    const { page } = await opened({ javaScriptEnabled: false });
    expect(await shownSections(page)).toBe(300);
    expect(await page.locator('.filter:visible').count()).toBe(0);
  });

  it('stacks no letters at 375 pixels, and needs no sideways scrolling', async () => {
    const { page } = await opened({ viewport: { width: 375, height: 800 } });
    for (const summary of (await page.locator('summary').all()).slice(0, 3))
      await summary.click({ position: { x: 2, y: 8 } });
    const [width, tallest] = await page.evaluate(() => {
      const cells = [...document.querySelectorAll('section td')].map((cell) => cell.getBoundingClientRect().height);
      return [document.documentElement.scrollWidth, Math.max(...cells)];
    });
    expect(width).toBeLessThanOrEqual(375);
    // Three lines at the most: a column of letters is higher.
    expect(tallest).toBeLessThan(80);
  });

  it('prints on a few pages, without what is only for a screen', async () => {
    const { page } = await opened();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.filter:visible').count()).toBe(0);
    const pdf = (await page.pdf()).toString('latin1');
    const pages = pdf.match(/\/Type ?\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThan(30);
  });
});
