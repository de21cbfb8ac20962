import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchRows, type MeasuredRun } from './bench-row.ts';
import type { Scenario } from './environment.ts';
import { labMissing } from './lab/lab-missing.ts';
import { MAIN_SCENARIOS } from './picture.ts';
import { type BenchResult, describeMachine } from './results.ts';
import { allScanners } from './scanners/all.ts';
import type { Scanner } from './scanners/scanner.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { markdownTable } from './table.ts';
import { writeDocs } from './write-docs.ts';

const USAGE = `npm run bench -- [scenario…] [options]

  scenario          any of the names below, or the beginning of some; all when there is none
  --quick           the ten scenarios that matter, once, with Portfleet, nmap and the kernel baseline: five minutes
  --runs N          runs of each scanner in each scenario, whose medians are shown (3)
  --scanner TEXT    only the scanners whose name begins so; may be repeated
  --seed N          decides which packets are lost (1)
  --limit SECONDS   a run is ended after so long (180)
  --patience SECONDS  a scanner that took longer in its first run is not run again (30)
  --idle SECONDS    wait so long for the machine to be idle, before each run (0)
  --json FILE       also write every run of every row there
  --write-docs      put the results into docs/performance.md, in place of those of the same scenarios

scenarios
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join('\n')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    scanner: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    limit: { type: 'string' },
    patience: { type: 'string', default: '30' },
    idle: { type: 'string', default: '0' },
    json: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const QUICK_SCANNERS = ['portfleet', 'nmap', 'kernel baseline'];

/** Seconds: ten scenarios in which nmap is ended there take less than five minutes with everything else. */
const QUICK_LIMIT = 20;

const missing = labMissing();
if (values.help) process.stdout.write(USAGE);
else if (missing) process.stderr.write(`bench: ${missing}\n`);
else await bench();

async function bench(): Promise<void> {
  const wantedNames = values.quick && positionals.length === 0 ? MAIN_SCENARIOS : positionals;
  const scenarios = SCENARIOS.filter(
    ({ name }) => wantedNames.length === 0 || wantedNames.some((wanted) => name.startsWith(wanted)),
  );
  const wantedScanners = values.scanner ?? (values.quick ? QUICK_SCANNERS : ['']);
  const scanners = (await allScanners()).filter(({ name }) => wantedScanners.some((wanted) => name.startsWith(wanted)));
  if (scenarios.length === 0 || scanners.length === 0) return void process.stderr.write(USAGE);
  const results: BenchResult[] = [];
  for (const scenario of scenarios) {
    process.stdout.write(`\n${scenario.name}: ${scenario.title}\n\n`);
    const result = await benchScenario(scenario, scanners);
    process.stdout.write(`${markdownTable(result.rows)}\nbounded by: ${scenario.bound}\n`);
    results.push(result);
    // After every scenario, so that an interrupted run keeps what it has.
    if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
    if (values['write-docs']) writeDocs([result]);
  }
}

async function benchScenario(scenario: Scenario, scanners: readonly Scanner[]): Promise<BenchResult> {
  const machine = await describeMachine();
  const rows = await benchRows(scenario, scanners, {
    runs: Number(values.runs ?? (values.quick ? 1 : 3)),
    seed: Number(values.seed),
    limitMs: Number(values.limit ?? (values.quick ? QUICK_LIMIT : 180)) * 1000,
    patienceMs: Number(values.patience) * 1000,
    idleMs: Number(values.idle) * 1000,
    onRun: progress,
  });
  return { scenario: scenario.name, measured: new Date().toISOString().slice(0, 10), machine, rows };
}

/** Runs take minutes: say on standard error what has come of each, the moment it is over. */
function progress(scanner: string, { ms, openFound, openThere, stopped }: MeasuredRun): void {
  const time = `${(ms / 1000).toFixed(2)} s${stopped ? ' (stopped)' : ''}`;
  process.stderr.write(`  ${scanner}: ${time}, ${openFound} of ${openThere} open\n`);
}
