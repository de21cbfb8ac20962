import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLambdas } from '../../scripts/build-lambdas.mjs';
import { WORKER_SOCKETS } from '../../shared/domain/limits.ts';
import type { ScanSummary } from '../../shared/domain/scan.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const canIsolate = spawnSync('unshare', ['-n', 'sh', '-c', 'ip link set lo up && nft list ruleset']).status === 0;
const missing =
  awsToolsMissing({ java: true, python: true }) ??
  (canIsolate ? undefined : 'needs root, unshare, ip and nft, to make a network namespace');
if (missing) console.warn(`A fleet against a silent host is skipped: it ${missing}`);

/** What silent-fleet.ts prints. */
interface FleetResult {
  readonly status: string;
  readonly summary: ScanSummary;
  readonly chunks: number;
  readonly worked: number;
  readonly deliveries: number;
  readonly failures: number;
  readonly millis: number;
  readonly mostDescriptors: number;
}

describe.skipIf(missing)('A fleet of functions, each a process, on one queue', () => {
  const bundles = mkdtempSync(join(tmpdir(), 'portfleet-fleet-'));
  beforeAll(() => buildLambdas(bundles));
  afterAll(() => rmSync(bundles, { recursive: true, force: true }));

  /** Scans a host that answers nothing, in a network namespace that is gone afterwards. */
  async function scanSilentHost(workers: number, ports: string, kills = 0): Promise<FleetResult> {
    const program = ['--no-warnings', '--import', './bench/load-typescript.mjs', 'test/deploy/silent-fleet.ts'];
    const args = ['-n', process.execPath, ...program, bundles, `${workers}`, ports, `${kills}`];
    const { stdout } = await run('unshare', args, { cwd: ROOT });
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as FleetResult;
    console.info(`${workers} functions, ports ${ports}: ${JSON.stringify(result)}`);
    return result;
  }

  it('64 of them probe every TCP port of a silent host, and not one is missing or counted twice', async () => {
    const { status, summary, worked } = await scanSilentHost(64, '1-65535');
    expect(summary.settled).toEqual({ 'filtered/no-response': 65_534 });
    expect(summary.unprobed).toEqual({ 'unprobed/blocked-by-egress': 1 });
    expect([status, summary.planned, summary.pending]).toEqual(['complete-with-gaps', 65_535, 0]);
    // On a busy machine 64 processes are late now and then, and their chunks delivered again: that is no matter here.
    expect(worked).toBe(64);
  });

  it('one of them keeps 900 sockets open and stays below the 1,024 descriptors that Lambda gives', async () => {
    const { summary, mostDescriptors } = await scanSilentHost(1, '2000-4999');
    expect(summary.settled).toEqual({ 'filtered/no-response': 3_000 });
    expect(summary.unprobed).toEqual({});
    expect(mostDescriptors).toBeGreaterThanOrEqual(WORKER_SOCKETS);
    expect(mostDescriptors).toBeLessThan(1_024);
  });

  it('comes to the same when some are killed and everything under way is delivered twice', async () => {
    const { summary, failures, deliveries, chunks } = await scanSilentHost(16, '2000-21999', 6);
    expect(summary.settled).toEqual({ 'filtered/no-response': 20_000 });
    expect([summary.planned, summary.pending]).toEqual([20_000, 0]);
    expect(failures).toBeGreaterThanOrEqual(1);
    expect(deliveries).toBeGreaterThan(chunks);
  });
});
