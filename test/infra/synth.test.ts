import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CDK = join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin/cdk');

/** A network namespace of one's own has no way out; making one takes root, on Linux. */
const canGoOffline = spawnSync('unshare', ['-n', 'true']).status === 0;

/** `cdk synth`, as a person runs it, without credentials or any setting of theirs, and offline where that can be had. */
async function synth(...args: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-synth-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const command = [process.execPath, CDK, 'synth', '--quiet', '--output', folder, ...args];
  const [program = '', ...rest] = canGoOffline ? ['unshare', '-n', ...command] : command;
  await run(program, rest, { cwd: ROOT, env: { PATH: process.env['PATH'], HOME: folder, CI: 'true' } });
  return folder;
}

describe('cdk synth', () => {
  it(`needs no credentials and no Docker${canGoOffline ? ' and no network' : ''}, and bundles what it deploys`, async () => {
    const start = performance.now();
    const folder = await synth('-c', 'scope=192.0.2.0/24,*.example.com', '-c', 'maxConcurrency=10');
    console.info(`cdk synth: ${((performance.now() - start) / 1_000).toFixed(1)} s`);
    const template = readFileSync(join(folder, 'Portfleet.template.json'), 'utf8');
    expect(template).toContain('"PORTFLEET_SCOPE": "192.0.2.0/24,*.example.com"');
    expect(template).toContain('"MaximumConcurrency": 10');
    const [worker = ''] = /[0-9a-f]{64}(?=\.zip)/.exec(template) ?? [];
    expect(existsSync(join(folder, `asset.${worker}`, 'index.mjs'))).toBe(true);
  });

  it('stops at a setting that it cannot read, and says what may be there', async () => {
    await expect(synth('-c', 'scope=10.0.0.0/40')).rejects.toMatchObject({
      stderr: expect.stringContaining('context "scope" has "10.0.0.0/40", which is neither a network'),
    });
  });
});
