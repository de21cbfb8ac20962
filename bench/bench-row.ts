import { type Cost, measure } from './measure.ts';
import type { Scanner } from './scanners/scanner.ts';
import { type Score, scoreOf } from './score.ts';
import type { Scenario, Stage } from './stage.ts';

/** One scanner, once, in one scenario. */
export interface Run extends Score, Cost {
  readonly seed: number;
  /** Asks it sent, by probe asked for; null where no wire counts them. */
  readonly synsPerPort: number | null;
  readonly packetsPerPort: number | null;
  /** Packets that this machine dropped before the wire: not 0 means that the run must not be trusted. */
  readonly overflowed: number;
}

/** One line of the table: the runs of one scanner in one scenario, or why there are none. */
export interface Row {
  readonly scenario: string;
  readonly scanner: string;
  readonly runs: readonly Run[];
  readonly absent: string | undefined;
}

export interface RowOptions {
  readonly runs: number;
  readonly seed: number;
  /** A run is ended after so long. */
  readonly limitMs: number;
  /** A scanner whose first run took longer is not asked again: the difference is then no matter of luck. */
  readonly patienceMs: number;
  readonly onRun: (scanner: string, run: Run) => void;
}

/** Runs one scanner in a scenario, in a fresh stage each time, so that no run learns from the one before. */
export async function benchRow(scenario: Scenario, scanner: Scanner, options: RowOptions): Promise<Row> {
  const row = { scenario: scenario.name, scanner: scanner.name };
  const missing = scanner.missing();
  if (missing) return { ...row, runs: [], absent: missing };
  const runs: Run[] = [];
  for (let nth = 0; nth < options.runs; nth++) {
    const seed = options.seed + nth;
    const run = await scenario.withStage(seed, (stage) => runOnce(stage, scanner, seed, options.limitMs));
    if (typeof run === 'string') return { ...row, runs: [], absent: run };
    runs.push(run);
    options.onRun(scanner.name, run);
    if (run.stopped || run.ms > options.patienceMs) break;
  }
  return { ...row, runs, absent: undefined };
}

/** The run, or why the scanner cannot make it. A failed run of a scanner is an error: it would otherwise look fast. */
async function runOnce(stage: Stage, scanner: Scanner, seed: number, limitMs: number): Promise<Run | string> {
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
  };
}
