import { loadavg } from 'node:os';
import type { Scenario, Stage } from './environment.ts';
import { waitForQuiet } from './idle.ts';
import { type Cost, measure } from './measure.ts';
import type { Scanner } from './scanners/scanner.ts';
import { type Score, scoreOf } from './score.ts';

/** One scanner, once, in one scenario. */
export interface MeasuredRun extends Score, Cost {
  readonly seed: number;
  /** Asks it sent, by probe asked for; null where no wire counts them. */
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
  /** A scanner whose first run took longer is not asked again: the difference is then no matter of luck. */
  readonly patienceMs: number;
  /** Waits so long for other programs to leave the machine alone, before each run. */
  readonly quietMs: number;
  readonly onRun: (scanner: string, run: MeasuredRun) => void;
}

/**
 * Runs the scanners in turn, as often as is asked for, so that what else the machine does falls on all of them. Each
 * run has a fresh stage: none learns from the one before.
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
  await waitForQuiet(options.quietMs);
  const run = await scenario.withStage(seed, (stage) => runOnce(stage, row.scanner, seed, options.limitMs));
  if (typeof run === 'string') {
    row.absent = run;
    row.runs.length = 0;
    return;
  }
  row.runs.push(run);
  options.onRun(row.scanner.name, run);
}

/** The run, or why the scanner cannot make it. A failed run of a scanner is an error: it would otherwise look fast. */
async function runOnce(stage: Stage, scanner: Scanner, seed: number, limitMs: number): Promise<MeasuredRun | string> {
  const { question, truth, prefix } = stage;
  const unfit = scanner.unfit?.(question);
  if (unfit) return unfit;
  const { cost, output, complaint } = await measure(prefix, (scratch) => scanner.command(question, scratch), limitMs);
  if (cost.status !== 0 && !cost.stopped)
    return `failed with status ${cost.status}: ${complaint.replaceAll('\n', ' ').slice(-200)}`;
  const packets = await stage.packets?.();
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
