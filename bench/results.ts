import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BenchRow } from './bench-row.ts';
import { runCommand } from './lab/run-command.ts';
import { findTool } from './scanners/find-tool.ts';

/** The rows of one scenario, measured side by side, and where. */
export interface BenchResult {
  readonly scenario: string;
  readonly measured: string;
  readonly machine: string;
  readonly rows: readonly BenchRow[];
}

/** The results behind docs/performance.md, one of each scenario. */
const KEPT = fileURLToPath(new URL('results.json', import.meta.url));

export const readResults = (): BenchResult[] =>
  existsSync(KEPT) ? (JSON.parse(readFileSync(KEPT, 'utf8')) as BenchResult[]) : [];

/** Puts new results in the place of the old ones of the same scenarios; returns all. One line a row, so that diffs read. */
export function keepResults(fresh: readonly BenchResult[]): BenchResult[] {
  const names = new Set(fresh.map(({ scenario }) => scenario));
  const all = [...readResults().filter(({ scenario }) => !names.has(scenario)), ...fresh];
  const text = all.map(({ rows, ...head }) => {
    const lines = rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n');
    return `${JSON.stringify(head).slice(0, -1)},"rows":[\n${lines}\n]}`;
  });
  writeFileSync(KEPT, `[\n${text.join(',\n')}\n]\n`);
  return all;
}

/** The machine and the programs in one line. */
export async function describeMachine(): Promise<string> {
  const versions = await Promise.all((['nmap', 'rustscan', 'naabu', 'masscan'] as const).map(versionOf));
  const processors = cpus();
  return [
    `${processors.length} × ${processors[0]?.model ?? 'CPU'}`,
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
    ...versions.filter((version) => version !== undefined),
  ].join(', ');
}

const VERSION_OF = {
  nmap: '--version',
  rustscan: '--version',
  naabu: '-version -disable-update-check',
  masscan: '--version',
};

async function versionOf(tool: keyof typeof VERSION_OF): Promise<string | undefined> {
  const program = findTool(tool);
  if (!program) return undefined;
  // Some speak on standard error, some exit with a failure.
  const said = await runCommand('sh', ['-c', `${program} ${VERSION_OF[tool]} 2>&1 || true`]);
  return `${tool} ${/\d+\.\d+(\.\d+)?/.exec(said)?.[0] ?? ''}`.trim();
}

/** The load of the machine while the rows were measured: whether the scanners had it for themselves. */
export function loadOf(rows: readonly BenchRow[]): string {
  const loads = rows.flatMap(({ runs }) => runs.map(({ load }) => load));
  return loads.length === 0 ? '' : `load ${Math.min(...loads)} to ${Math.max(...loads)}`;
}
