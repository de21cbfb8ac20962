import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLambdas } from '../../scripts/build-lambdas.mjs';
import { awsToolsMissing } from '../helpers/aws/tools.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const canIsolate = spawnSync('unshare', ['-n', '-m', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
const missing =
  awsToolsMissing({ java: true, python: true }) ??
  (canIsolate ? undefined : 'needs root, unshare and ip, to give each function a name server of its own');
if (missing) console.warn(`Names inside of a VPC are not resolved: this ${missing}`);

/** What private-names.ts prints. */
interface Found {
  readonly inside: { readonly settled: unknown; readonly open: readonly string[] };
  readonly outside: Found['inside'];
  readonly unknown: string;
  readonly late: string;
  readonly lateAfter: number;
  readonly noWorker: string;
  readonly invoked: readonly string[];
}

describe.skipIf(missing)('Two deployments in one account, one of them inside of a VPC', () => {
  const bundles = mkdtempSync(join(tmpdir(), 'portfleet-names-'));
  let found: Found;

  beforeAll(async () => {
    await buildLambdas(bundles);
    const program = ['--no-warnings', '--import', './bench/load-typescript.mjs', 'test/deploy/private-names.ts'];
    const args = ['-n', process.execPath, ...program, bundles];
    const { stdout } = await promisify(execFile)('unshare', args, { cwd: ROOT });
    found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Found;
  });
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));

  it('scan one name at the addresses that it has where their workers stand: open inside, closed outside', () => {
    expect(found.inside).toEqual({ settled: { 'open/syn-ack': 1 }, open: ['127.0.1.7:5432'] });
    expect(found.outside).toEqual({ settled: { 'closed/conn-refused': 1 }, open: [] });
    expect(found.invoked).toEqual(['the-worker']);
  });

  it('say of a name that has no address there that it has none', () => {
    expect(found.unknown).toContain('"statusCode":400');
    expect(found.unknown).toContain('nowhere.internal.test');
  });

  it('give up a name whose server stays silent, and say so within the time of the API', () => {
    expect(found.late).toContain('silent.internal.test');
    // A machine that is busy looks up fewer of the others in time, and says so of each: none of them "has no address".
    expect(found.late.match(/host-\d+.internal.test\S* has no address/)).toBeNull();
    // API Gateway gives up after 29 s.
    expect(found.lateAfter).toBeLessThan(29_000);
  });

  it('ask to try again where no worker can be reached', () => {
    expect(found.noWorker).toContain('RESOLVER_UNAVAILABLE');
    expect(found.noWorker).toContain('"statusCode":503');
  });
});
