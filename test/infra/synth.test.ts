import { execFile, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
      stderr: expect.stringContaining('"scope" has "10.0.0.0/40", which is neither a network'),
    });
  });
});

describe('The package, in an app of somebody else', () => {
  it('brings a construct that three lines put into a stack, with its functions and its types', async () => {
    await run(process.execPath, ['scripts/build-cdk.mjs'], { cwd: ROOT });
    const app = mkdtempSync(join(tmpdir(), 'portfleet-app-'));
    onTestFinished(() => rmSync(app, { recursive: true, force: true }));
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', app], {
      cwd: ROOT,
    });
    const installed = join(app, 'node_modules/portfleet');
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', join(app, stdout.trim()), '-C', installed, '--strip-components=1']);
    // What the app has of its own; everything else comes out of the tarball.
    for (const name of ['aws-cdk-lib', 'constructs'])
      symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    writeFileSync(join(app, 'app.ts'), APP);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'app.ts'], { cwd: app });
    writeFileSync(join(app, 'app.mjs'), APP);
    await run(process.execPath, ['app.mjs'], {
      cwd: app,
      env: { PATH: process.env['PATH'], CDK_OUTDIR: join(app, 'out') },
    });
    const template = JSON.parse(readFileSync(join(app, 'out/Mine.template.json'), 'utf8'));
    const types = Object.values(template.Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(7);
    expect(JSON.stringify(template)).toContain('"PORTFLEET_SCOPE":"203.0.113.0/24"');
    const bundles = readdirSync(join(app, 'out')).filter((name) => name.startsWith('asset.'));
    expect(bundles.every((name) => existsSync(join(app, 'out', name, 'index.mjs')))).toBe(true);
    expect(bundles).toHaveLength(7);
  }, 300_000);
});

const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { Portfleet } from 'portfleet/cdk';

const app = new App();
const stack = new Stack(app, 'Mine');
const scanner = new Portfleet(stack, 'Scanner', { scope: ['203.0.113.0/24'], maxConcurrency: 64 });
scanner.worker.addEnvironment('MINE', scanner.table.tableName + scanner.topic.topicArn + scanner.endpoint);
app.synth();
`;
