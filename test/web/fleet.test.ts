import { describe, expect, it } from 'vitest';
import type { AccountAddress } from '../../shared/domain/account.ts';
import type { Address } from '../../shared/domain/units.ts';
import { startSignedDeployment } from '../helpers/signed-deployment.ts';
import { browserMissing, open, serve, submit, useBrowser } from './browser.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret-of-a-test',
  AWS_REGION: 'eu-central-1',
};

const SECRETS = { [KEYS.AWS_ACCESS_KEY_ID]: KEYS.AWS_SECRET_ACCESS_KEY };

describe.skipIf(browserMissing)('The page over a fleet', () => {
  const browser = useBrowser();

  it('plans with the cost, submits, and shows what the fleet found, each request signed', async () => {
    const fleet = await startSignedDeployment({ secrets: SECRETS });
    const served = await serve({ words: ['--endpoint', fleet.url], env: KEYS });
    const { page, complaints } = await open(browser(), served.link);
    expect(await page.textContent('.where')).toContain('fleet at 127.0.0.1');
    await page.click('nav >> text=New scan');
    await page.fill('#field-targets', '10.20.30.40');
    await page.fill('#field-ports', '1-100');
    await page.waitForSelector('dt:text-is("Cost")');
    expect(await page.textContent('.copy code')).toContain(`--endpoint '${fleet.url}'`.replaceAll("'", ''));
    await page.click('button[type=submit]');
    await page.waitForSelector('.status.complete');
    await page.click('#tab-map');
    await page.waitForSelector('canvas');
    expect(fleet.seen.every(({ isValid }) => isValid)).toBe(true);
    expect(fleet.paths.some((path) => /^GET \/scans\/\w+\/chunks/.test(path))).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('sets what security groups claim beside what answers', async () => {
    const web = { protocol: 'tcp', first: 443, last: 444, fromAnyone: true } as const;
    const all: readonly AccountAddress[] = ['10.20.30.40', '2001:db8::7'].map((address) => ({
      ...{ address: address as Address, resource: `eni-${address.length}`, region: 'eu-west-1', allowed: [web] },
    }));
    const fleet = await startSignedDeployment({ secrets: SECRETS, account: { read: async () => all } });
    const served = await serve({ words: ['--endpoint', fleet.url], env: KEYS });
    const { page, complaints } = await open(browser(), served.link);
    const id = await submit(served, { targets: ['aws'], ports: '440-445' });
    await page.goto(`${served.url}/#/scan/${id}/about`);
    await page.click('text=Compare with what answers');
    await page.waitForSelector('[aria-label="Security groups"] tbody tr');
    const rows = await page.locator('[aria-label="Security groups"] tbody tr').all();
    const cells = await Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
    expect(cells).toEqual(all.map(({ address, resource }) => [address, `${resource}, eu-west-1`, '–', '–', '443-444']));
    expect(complaints).toEqual([]);
  });

  it('rides out a gateway that has too much to do, and says so in a quiet place', async () => {
    const hiccups: number[] = [];
    const fleet = await startSignedDeployment({ secrets: SECRETS, hiccups });
    const served = await serve({ words: ['--endpoint', fleet.url], env: KEYS });
    const { page, complaints } = await open(browser(), served.link);
    await page.waitForSelector('text=No scans yet');
    hiccups.push(429, 503);
    await page.click('nav >> text=What changed');
    await page.waitForSelector('.busy:has-text("trying again")');
    await page.waitForSelector('text=No scan is over yet');
    await page.waitForSelector('.busy:has-text("trying again")', { state: 'detached' });
    expect(await page.locator('[role=alert]').count()).toBe(0);
    expect(complaints.filter((line) => !/status of (?:429|503)/.test(line))).toEqual([]);
  });

  it('says so when the fleet is of another version, and who mends that', async () => {
    for (const [version, words] of [
      ['99.0.0', 'The fleet is of a newer version'],
      ['0.0.9', 'The fleet is of an older version'],
    ] as const) {
      const fleet = await startSignedDeployment({ secrets: SECRETS, version });
      const served = await serve({ words: ['--endpoint', fleet.url], env: KEYS });
      const { page } = await open(browser(), served.link);
      await page.waitForSelector(`text=${words}`);
      await page.waitForSelector(`.notice:has-text("version ${version}")`);
    }
  });

  it('passes nothing on but the routes of the API', async () => {
    const fleet = await startSignedDeployment({ secrets: SECRETS });
    const served = await serve({ words: ['--endpoint', fleet.url], env: KEYS });
    const headers = { authorization: `Bearer ${served.token}` };
    for (const path of ['/', '/admin', '/scans/x/y/z', '/..%2fsecret']) {
      await fetch(`${served.url}${path}`, { headers });
    }
    expect((await fetch(`${served.url}/scans`, { method: 'PUT', headers })).status).toBe(404);
    expect((await fetch(`${served.url}/scans`)).status).toBe(401);
    expect(fleet.paths).toEqual([]);
  });

  it('says so when the fleet does not let the credentials in, and when it does not answer', async () => {
    const fleet = await startSignedDeployment({ secrets: {} });
    const refused = await serve({ words: ['--endpoint', fleet.url], env: KEYS });
    const first = await open(browser(), refused.link);
    await first.page.waitForSelector('text=The fleet does not let these credentials in');
    const away = await serve({ words: ['--endpoint', 'http://127.0.0.1:1'], env: KEYS });
    const second = await open(browser(), away.link);
    await second.page.waitForSelector('text=The fleet does not answer');
  });
});
