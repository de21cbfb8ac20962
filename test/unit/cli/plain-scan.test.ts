import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScanRequest } from '../../../cli/commands/scan-request.ts';
import type { CliContext } from '../../../cli/context.ts';
import { readCommandLine } from '../../../cli/options/read-words.ts';
import { workersNeeded } from '../../../cli/plain-scan.ts';
import { localPlanDeps } from '../../../local/plan-deps.ts';
import { planScan } from '../../../shared/usecases/plan-scan.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const CORES = 8;
/** Without a file of settings in it. */
const home = fileURLToPath(new URL('./no-such-home', import.meta.url));
const needed = (line: string, env: Record<string, string> = {}, directory = home): number =>
  workersNeeded({ words: line.split(' ').filter(Boolean), env, home, directory }, CORES);

/** Words that are right, wrong, or only wrong together. */
const WORDS = [
  ...[
    '127.0.0.1',
    '10.0.0.255',
    '192.168.1.1',
    '10.0.0.0/24',
    '256.1.1.1',
    '0.0.0.0',
    '224.0.0.1',
    '010.0.0.1',
    'host',
  ],
  ...['-p', '-p-', '-', '-p22', '22', '80,443', '1-1000', '-p1-65535', '-p9-8', '-p70000', '-p0', '-p22,', '-F'],
  ...[
    '-T4',
    '-T5',
    '-T9',
    '-n',
    '-Pn',
    '-sT',
    '-sV',
    '-sn',
    '-sU',
    '--open',
    '--quiet',
    '--utc',
    '-v',
    '--dry-run',
    '--resume',
    '--endpoint',
    'list',
  ],
  ...['-oX', '-', '--exclude', '--help', '-V', '--', '--workers', '4', '--timeout', '-iL'],
];

/** What the whole reader makes of the words: a plan, or undefined where nothing would be sent from here. */
async function planned(words: readonly string[]) {
  const line = readCommandLine(words);
  if (!line.ok || line.value.command !== 'scan' || line.value.options.dryRun || line.value.options.endpoint)
    return undefined;
  const ctx = { env: {}, words, directory: home, home, stdin: () => new PassThrough() } as unknown as CliContext;
  const request = await readScanRequest(line.value.words, line.value.options, ctx);
  if (!request.ok) return undefined;
  const plan = await planScan(request.value, localPlanDeps(CORES));
  return plan.ok ? plan.value.plan : undefined;
}

describe('Workers before the words are read', () => {
  it('are forked for each core where every port is probed as fast as it goes, and one for less', () => {
    for (const line of [
      '127.0.0.1 -p- -T4',
      '-p - 127.0.0.1',
      '127.0.0.1',
      '10.1.2.3 127.0.0.1 -p1-65535 -T5 --open',
    ]) {
      expect([line, needed(line)]).toEqual([line, CORES]);
    }
    for (const line of ['127.0.0.1 -p 22', '127.0.0.1 -F -T4', '10.0.0.1 -T4', '-p22,80-90 10.0.0.1 -sV']) {
      expect([line, needed(line)]).toEqual([line, 1]);
    }
  });

  it('are not forked for a dry run, another command, a mistake, or where a file or a variable sets something', () => {
    const lines = [
      '127.0.0.1 -p- --dry-run',
      'list',
      '',
      '-p-',
      '127.0.0.1 -p 70000',
      '127.0.0.1 -T4 -T5',
      '300.0.0.1 -p-',
    ];
    for (const line of [...lines, '127.0.0.1 -p- --endpoint https://fleet.example'])
      expect([line, needed(line)]).toEqual([line, 0]);
    expect(needed('127.0.0.1 -p-', { PORTFLEET_ENDPOINT: 'https://fleet.example' })).toBe(0);
    expect(needed('127.0.0.1 -p-', { PORTFLEET_DATA_DIR: '/tmp', PATH: '/bin' })).toBe(CORES);
    const directory = tempDir();
    writeFileSync(join(directory, 'portfleet.yaml'), 'endpoint: https://fleet.example');
    expect(needed('127.0.0.1 -p-', {}, directory)).toBe(0);
    const [config, other] = [tempDir(), tempDir()];
    mkdirSync(join(config, 'portfleet'));
    writeFileSync(join(config, 'portfleet', 'config.yaml'), 'dry-run: true');
    expect(needed('127.0.0.1 -p-', { XDG_CONFIG_HOME: config }, other)).toBe(0);
  });

  it('are forked for no words that the reader and the planner would not scan, and never more than the plan needs', async () => {
    const line = fc.array(fc.constantFrom(...WORDS), { maxLength: 5 });
    let forked = 0;
    await fc.assert(
      fc.asyncProperty(line, async (words) => {
        const workers = workersNeeded({ words, env: {}, home, directory: home }, CORES);
        if (workers === 0) return;
        forked += 1;
        const plan = await planned(words);
        expect(plan?.geometry.chunks ?? 0).toBeGreaterThanOrEqual(workers);
      }),
      { numRuns: 3_000 },
    );
    expect(forked).toBeGreaterThan(20);
  });
});
