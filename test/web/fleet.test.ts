import { describe, expect, it } from 'vitest';
import { startSignedDeployment } from '../helpers/signed-deployment.ts';
import { browserMissing, open, serve, useBrowser } from './browser.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret-of-a-test',
  AWS_REGION: 'eu-central-1',
};

describe.skipIf(browserMissing)('The page over a fleet', () => {
  const browser = useBrowser();

  it('plans with the cost, submits, and shows what the fleet found, each request signed', async () => {
    const fleet = await startSignedDeployment({ secrets: { [KEYS.AWS_ACCESS_KEY_ID]: KEYS.AWS_SECRET_ACCESS_KEY } });
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

  it('passes nothing on but the routes of the API', async () => {
    const fleet = await startSignedDeployment({ secrets: { [KEYS.AWS_ACCESS_KEY_ID]: KEYS.AWS_SECRET_ACCESS_KEY } });
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
