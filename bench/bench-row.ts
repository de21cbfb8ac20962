import { loadavg } from 'node:os';
import type { BenchEnvironment, Scenario } from './environment.ts';
import { waitForIdle } from './idle.ts';
import { type Cost, measure } from './measure.ts';
import type { Scanner } from './scanners/scanner.ts';
import { type Score, scoreOf } from './score.ts';

/** One scanner, once, in one scenario. */
export interface MeasuredRun extends Score, Cost {
  readonly seed: number;
  /** Attempts it sent, by probe of the task; null where no wire counts them. */
  readonly synsPerPort: number | null;
  readonly packetsPerPort: number | null;
  /** Packets that this machine dropped before the wire: not 0 means that the run must not be trusted. */
  readonly overflowed: number;
  /** Processes that wanted the CPU in the minute before: more than there are cores, and the time says little. */
  readonly load: number;
}

/** One line of the table: the runs of one scanner in one scenario, or why there are none. */
export interface BenchRow {
  readonly scenario: string;
  readonly scanner: string;
  readonly runs: readonly MeasuredRun[];
  readonly absent: string | undefined;
}

export interface BenchOptions {
  readonly runs: number;
  readonly seed: number;
  /** A run is ended after so long. */
  readonly limitMs: number;
  /** A scanner whose first run took longer is not run again: the difference is then no matter of luck. */
  readonly patienceMs: number;
  /** Waits so long for the machine to be idle, before each run. */
  readonly idleMs: number;
  readonly onRun: (scanner: string, run: MeasuredRun) => void;
}

/**
 * Runs the scanners in turn, as often as is wanted, so that what else the machine does falls on all of them. Each
 * run has a fresh environment: none learns from the one before.
 */
export async function benchRows(
  scenario: Scenario,
  scanners: readonly Scanner[],
  options: BenchOptions,
): Promise<BenchRow[]> {
  const rows: OpenRow[] = scanners.map((scanner) => ({ scanner, runs: [], absent: scanner.missing() }));
  for (let nth = 0; nth < options.runs; nth++) {
    for (const row of rows) await runAgain(row, scenario, options.seed + nth, options);
  }
  return rows.map(({ scanner, runs, absent }) => ({ scenario: scenario.name, scanner: scanner.name, runs, absent }));
}

interface OpenRow {
  readonly scanner: Scanner;
  readonly runs: MeasuredRun[];
  absent: string | undefined;
}

async function runAgain(row: OpenRow, scenario: Scenario, seed: number, options: BenchOptions): Promise<void> {
  const [first] = row.runs;
  if (row.absent !== undefined || (first && (first.stopped || first.ms > options.patienceMs))) return;
  await waitForIdle(options.idleMs);
  const run = await scenario.withEnvironment(seed, (environment) =>
    runOnce(environment, row.scanner, seed, options.limitMs),
  );
  if (typeof run === 'string') {
    row.absent = run;
    row.runs.length = 0;
    return;
  }
  row.runs.push(run);
  options.onRun(row.scanner.name, run);
}

/** The run, or why the scanner cannot make it. A failed run of a scanner is an error: it would otherwise look fast. */
async function runOnce(
  environment: BenchEnvironment,
  scanner: Scanner,
  seed: number,
  limitMs: number,
): Promise<MeasuredRun | string> {
  const { task, truth, prefix } = environment;
  const unfit = scanner.unfit?.(task);
  if (unfit) return unfit;
  const { cost, output, complaint } = await measure(prefix, (scratch) => scanner.command(task, scratch), limitMs);
  if (cost.status !== 0 && !cost.stopped)
    return `failed with status ${cost.status}: ${complaint.replaceAll('\n', ' ').slice(-200)}`;
  const packets = await environment.packets?.();
  const perPort = (sent: number | undefined): number | null => (sent === undefined ? null : sent / truth.probes);
  return {
    seed,
    ...scoreOf(scanner.read(output), truth),
    ...cost,
    synsPerPort: perPort(packets?.syns),
    packetsPerPort: perPort(packets?.there.sent),
    overflowed: packets?.overflowed ?? 0,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}
