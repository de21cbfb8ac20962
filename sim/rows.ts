import type { CostEstimate } from '../shared/domain/cost.ts';
import type { ErrorValue } from '../shared/domain/errors.ts';
import { type Seed, seed } from '../shared/domain/units.ts';
import { type Aggregation, aggregation } from './aggregation.ts';
import { type Bill, type BilledUsage, billFor, followingCost, usageOf } from './bill.ts';
import { runFleet } from './fleet.ts';
import type { FleetRun, FleetScan } from './fleet-run.ts';
import { LIMITS } from './limits.ts';
import { makeScanWork, type ScanWork } from './scan-work.ts';
import { FLEETS, planWanted, refusalOf, WANTED, type WantedScan } from './scans.ts';

/** One scan on one fleet. */
export interface FleetRow {
  readonly name: string;
  readonly workers: number;
  /** From the request to the report: of the run in the middle, which all else is of, and of the slowest; null where one was run. */
  readonly seconds: number;
  readonly slowest: number | null;
  readonly run: FleetRun;
  readonly end: Aggregation;
  readonly usage: BilledUsage;
  readonly bill: Bill;
  /** What the API tells of its cost when it is submitted. */
  readonly estimate: CostEstimate;
  readonly following: number;
  /** The use of each of `LIMITS`, in their order. */
  readonly uses: readonly number[];
  /** What the API says to it with the default settings, where it refuses. */
  readonly refusal: ErrorValue | undefined;
}

/** The seed of docs/scale.md. */
export const SEED = seed(20_261_122);

export const rowName = ({ name, workers }: Pick<FleetRow, 'name' | 'workers'>): string =>
  `${name}, ${workers.toLocaleString('en')} workers`;

/** Every scan on every fleet. */
export async function allRows(at: Seed = SEED): Promise<FleetRow[]> {
  const rows: FleetRow[] = [];
  for (const wanted of WANTED) rows.push(...(await rowsOf(wanted, at)));
  return rows;
}

async function rowsOf(wanted: WantedScan, at: Seed): Promise<FleetRow[]> {
  const rows: FleetRow[] = [];
  let works: { readonly cut: string; readonly of: ScanWork } | undefined;
  for (const workers of FLEETS) {
    const planned = await planWanted(wanted, workers, at);
    const cut = JSON.stringify(planned.scan.plan.geometry);
    // Fleets that the planner cuts alike meet the same.
    if (works?.cut !== cut) works = { cut, of: makeScanWork(planned.scan, planned.conditions, at) };
    const runs = runsOf(planned, works.of, workers, at);
    rows.push(rowOf(wanted.name, planned, workers, runs, await refusalOf(planned)));
  }
  return rows;
}

/** Runs whose workers die at other moments; in a scan of many chunks so many die that one run is like the next. */
export const RUNS = 9;
const ONE_RUN_FROM = 10_000;

/** The fastest first. */
function runsOf(planned: FleetScan, works: ScanWork, workers: number, at: Seed): FleetRun[] {
  const count = planned.scan.plan.geometry.chunks < ONE_RUN_FROM ? RUNS : 1;
  const runs = Array.from({ length: count }, (_, nth) => runFleet(planned, works, workers, seed(at + 2 + nth)));
  return runs.sort((a, b) => a.seconds - b.seconds);
}

function rowOf(
  name: string,
  planned: FleetScan,
  workers: number,
  runs: readonly FleetRun[],
  refusal: ErrorValue | undefined,
): FleetRow {
  const run = runs[Math.floor(runs.length / 2)];
  const last = runs.at(-1);
  if (!run || !last) throw new Error(`${name} was not run`);
  const end = aggregation(run, planned.scan.plan.geometry.addressCount);
  const usage = usageOf(run, end);
  const seconds = run.seconds + end.seconds;
  return {
    name,
    workers,
    seconds,
    slowest: runs.length > 1 ? last.seconds + end.seconds : null,
    run,
    end,
    usage,
    bill: billFor(usage),
    estimate: planned.scan.cost?.estimate ?? { atLeast: 0, expected: 0, ifSilent: 0 },
    following: followingCost(run.chunks, seconds),
    uses: LIMITS.map(({ use }) => use(planned, run, end)),
    refusal,
  };
}
