import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { FUNCTIONS } from '../../scripts/build-lambdas.mjs';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CDK = join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin/cdk');

/** A network namespace of one's own has no way out; making one takes root, on Linux. */
const canGoOffline = spawnSync('unshare', ['-n', 'true']).status === 0;

/** `cdk synth`, as a person runs it, without credentials or any setting of theirs, and offline where that can be had. */
async function synth(cwd: string, ...args: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-synth-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const command = [process.execPath, CDK, 'synth', '--quiet', '--output', folder, ...args];
  const [program = '', ...rest] = canGoOffline ? ['unshare', '-n', ...command] : command;
  await run(program, rest, { cwd, env: { PATH: process.env['PATH'], HOME: folder, CI: 'true' } });
  return folder;
}

const project = mkdtempSync(join(tmpdir(), 'portfleet-package-'));

/** A package that the app of a user has already, at the version that this one is developed with. */
const usersOwn = (name: string): string =>
  `${name}@${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).devDependencies[name]}`;

// With `cdk synth` in one file, because both write dist/lambdas.
/** The tarball of the package, installed into an empty project by npm, from the registry that this machine uses. */
beforeAll(async () => {
  await run(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
  await run(process.execPath, ['scripts/build-package.mjs'], { cwd: ROOT });
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', project];
  const { stdout } = await run('npm', pack, { cwd: ROOT });
  writeFileSync(join(project, 'package.json'), '{"type":"module","private":true}');
  const quietly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const packages = [join(project, stdout.trim()), usersOwn('aws-cdk-lib'), usersOwn('constructs')];
  await run('npm', ['install', ...quietly, ...packages], { cwd: project });
});
afterAll(() => rmSync(project, { recursive: true, force: true }), 120_000);

describe('cdk synth', () => {
  it(`needs no credentials and no Docker${canGoOffline ? ' and no network' : ''}, and bundles what it deploys`, async () => {
    const start = performance.now();
    const folder = await synth(ROOT, '-c', 'scope=192.0.2.0/24,*.example.com', '-c', 'maxConcurrency=10');
    console.info(`cdk synth: ${((performance.now() - start) / 1_000).toFixed(1)} s`);
    const template = readFileSync(join(folder, 'Portfleet.template.json'), 'utf8');
    expect(template).toContain('"PORTFLEET_SCOPE": "192.0.2.0/24,*.example.com"');
    expect(template).toContain('"MaximumConcurrency": 10');
    const [worker = ''] = /[0-9a-f]{64}(?=\.zip)/.exec(template) ?? [];
    expect(existsSync(join(folder, `asset.${worker}`, 'index.mjs'))).toBe(true);
  });

  it('stops at a setting that it cannot read, and says what may be there', async () => {
    await expect(synth(ROOT, '-c', 'scope=10.0.0.0/40')).rejects.toMatchObject({
      stderr: expect.stringContaining('"scope" has "10.0.0.0/40", which is neither a network'),
    });
  });
});

async function checkTypes(file: string, ...more: string[]): Promise<void> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', ...more];
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, file], { cwd: project });
}

describe('The package, in the app of a user', () => {
  it('installs beside what the app has, and brings a construct that three lines put into a stack', async () => {
    writeFileSync(join(project, 'app.ts'), APP);
    await checkTypes('app.ts');
    writeFileSync(join(project, 'app.mjs'), APP);
    const out = await synth(project, '--app', 'node app.mjs');
    const template = JSON.parse(readFileSync(join(out, 'Mine.template.json'), 'utf8'));
    const types = Object.values(template.Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(FUNCTIONS.length);
    expect(JSON.stringify(template)).toContain('"PORTFLEET_SCOPE":"203.0.113.0/24"');
    const bundles = readdirSync(out).filter((name) => name.startsWith('asset.'));
    expect(bundles.every((name) => existsSync(join(out, name, 'index.mjs')))).toBe(true);
    expect(bundles).toHaveLength(FUNCTIONS.length);
  });

  it('has nothing that was compiled for this machine alone', () => {
    const bodies = readdirSync(join(project, 'node_modules/portfleet/dist')).filter((name) => name.includes('-body.'));
    expect(bodies).toEqual(['portfleet-body.cjs', 'worker-body.cjs']);
  });
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

/** The examples of docs/library.md, as they stand there but for their addresses and one port. */
const EXAMPLES = [...readFileSync(join(ROOT, 'docs/library.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, code = '']) => code.replaceAll('192.0.2.7', '127.0.0.1').replaceAll('192.0.2.8', '127.0.0.2'),
);

async function runExample(code: string): Promise<string> {
  // Nothing but loopback is ever probed; 192.0.2.300 is no address.
  expect(code.match(/\d+\.\d+\.\d+\.\d+/g)?.filter((each) => !/^127\.|^192\.0\.2\.300$/.test(each)) ?? []).toEqual([]);
  writeFileSync(join(project, 'example.mjs'), code);
  const { stdout, stderr } = await run(process.execPath, ['example.mjs'], {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: join(project, 'home') },
  });
  expect(stderr, 'a library prints nothing').toBe('');
  return stdout;
}

describe('The library, in an empty project', () => {
  it('has three examples, each of which the types allow', async () => {
    expect(EXAMPLES).toHaveLength(3);
    writeFileSync(
      join(project, 'examples.ts'),
      EXAMPLES.map((code) => `{${code.replace(/^import.*$/m, '')}}`).join('\n'),
    );
    const text = readFileSync(join(project, 'examples.ts'), 'utf8').replace('error.name', '(error as Error).name');
    writeFileSync(join(project, 'examples.ts'), `import { scan } from 'portfleet';\n${text}`);
    symlinkSync(join(ROOT, 'node_modules/@types'), join(project, 'node_modules/@types'));
    await checkTypes('examples.ts', '--types', 'node');
  });

  it('gives open ports as they are found, and the report', async () => {
    const server = createServer((_, response) => response.setHeader('Server', 'nginx/1.27.4').end('hello'));
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const printed = await runExample(EXAMPLES[0]?.replace('22,80,8000-8100', `1,${port}`) ?? '');
    expect(printed).toContain(`${port}/tcp is open on 127.0.0.1: nginx\n`);
    expect(printed).toMatch(/^2 probes, 0 without a verdict, 0:00:/m);
  });

  it('gives errors as values, and ends with its signal', async () => {
    const printed = await runExample(EXAMPLES[1] ?? '');
    expect(printed).toContain('TARGET_UNREADABLE: "300" is more than 255');
    expect(printed).toContain('PORT_OUT_OF_RANGE: 80000 is no port');
    expect(printed).toMatch(/left: AbortError\n$/);
  });

  it('runs two scans at once in one process, which the command shows later', async () => {
    const lines = (await runExample(EXAMPLES[2] ?? '')).trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const { stdout } = await run(process.execPath, [
        join(project, 'node_modules/portfleet/dist/portfleet.mjs'),
        ...['show', line.split(' ')[0] ?? '', '--data-dir', join(project, 'scans'), '--format', 'json'],
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ scan: { status: 'complete' }, summary: { planned: 100 } });
    }
  });

  it('leaves nothing on the disk where no directory is named', async () => {
    const temporary = join(project, 'tmp');
    mkdirSync(temporary);
    const code = `import { scan } from 'portfleet';
for await (const _ of scan({ targets: ['127.0.0.1'], ports: '1-9' })) break;
console.log((await scan({ targets: ['127.0.0.1'], ports: '1-9' }).report()).summary.planned);`;
    writeFileSync(join(project, 'example.mjs'), code);
    const env = { PATH: process.env['PATH'], HOME: temporary, TMPDIR: temporary };
    expect((await run(process.execPath, ['example.mjs'], { cwd: project, env })).stdout).toBe('9\n');
    expect(readdirSync(temporary)).toEqual([]);
  });
});
