import { availableParallelism } from 'node:os';
import { dataDir } from '../local/data-dir.ts';
import { type LocalNode, openLocalNode, workersFor } from '../local/local-node.ts';
import { localPlanDeps } from '../local/plan-deps.ts';
import { keepHeapSmall } from '../local/small-heap.ts';
import { makePrewarmedWorkers, type PrewarmedWorkers } from '../local/worker-process.ts';
import { countCoverage } from '../shared/domain/coverage.ts';
import { errorValue } from '../shared/domain/errors.ts';
import { formatPorts } from '../shared/domain/port-set.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { isOver } from '../shared/domain/scan-status.ts';
import { type ChunkNumber, chunkNumber, type Millis, millis, type ScanId } from '../shared/domain/units.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { estimate } from '../shared/plan/estimate.ts';
import { makeScanTimeLeft } from '../shared/plan/scan-time-left.ts';
import { chunkSize, plannedProbes } from '../shared/plan/split-chunks.ts';
import type { ParsedRequest } from '../shared/request/parse-request.ts';
import { unreadableOption, wholeNumber } from '../shared/request/parse-timing.ts';
import type { Log } from '../shared/seams/log.ts';
import { cancelScan } from '../shared/usecases/cancel-scan.ts';
import { findScan } from '../shared/usecases/find-scan.ts';
import { latestScansOf } from '../shared/usecases/latest-scans.ts';
import { planScan } from '../shared/usecases/plan-scan.ts';
import { readReport } from '../shared/usecases/read-report.ts';
import { submitScan } from '../shared/usecases/send-chunks.ts';
import { type CliContext, type ExitCode, stderrLog } from './context.ts';
import {
  type Deployment,
  type Following,
  openIn,
  type PlannedScan,
  type ScanHead,
  type ScanRow,
} from './deployment.ts';
import type { StoredOptions } from './options/command-table.ts';
import type { OptionsOf } from './options/option-table.ts';
import { printErrors } from './output/error-text.ts';

/** More processes than this find no core of their own on any machine this was tried on. */
const MOST_WORKERS = 256;

/** What `--workers` says; a process for each core when it says nothing. */
export function parseWorkers(text: string | undefined): Result<number> {
  if (text === undefined) return ok(availableParallelism());
  const workers = wholeNumber(text.trim(), 1, MOST_WORKERS);
  if (workers !== undefined) return ok(workers);
  return err(unreadableOption('--workers', text, `a whole number from 1 to ${MOST_WORKERS}`));
}

/** Where the store of this user is. */
export const storeDirectory = ({ dataDir: flag }: StoredOptions, { env, platform, home }: CliContext): string =>
  dataDir({ flag, env, platform, home });

/** Scans that cannot be read are named beside a list that is otherwise whole. */
const openNode = (options: StoredOptions, ctx: CliContext): LocalNode =>
  openLocalNode(storeDirectory(options, ctx), (error) => void printErrors([error], ctx));

/** Opens the store of this user, and closes it whatever happens. */
export async function withLocalNode(
  options: StoredOptions,
  ctx: CliContext,
  work: (node: LocalNode) => Promise<ExitCode>,
): Promise<ExitCode> {
  const node = openNode(options, ctx);
  try {
    return await work(node);
  } finally {
    await node.close();
  }
}

/** From so many open ports on, they are most of what the command keeps. Below, the heap is small enough as it is. */
const MANY_OPEN = 4_096;

function smallFromManyOn(onFound: Following['onFound']): Following['onFound'] {
  let found = 0;
  return (findings) => {
    const before = found;
    found += findings.length;
    if (before <= MANY_OPEN && found > MANY_OPEN) keepHeapSmall();
    onFound(findings);
  };
}

/** This machine. Its store is opened when it is first needed: a dry run needs none. */
export function localDeployment(
  options: StoredOptions & OptionsOf<'verbose'>,
  workers: number,
  ctx: CliContext,
): Deployment {
  let opened: LocalNode | undefined;
  const node = (): LocalNode => {
    opened ??= openNode(options, ctx);
    return opened;
  };
  const prewarmed = ctx.prewarmed ?? makePrewarmedWorkers(ctx.workerModule);
  const deps = () => ({ store: node().store, clock: systemClock });
  return {
    plan: (request) => plan(request, workers),
    async submit(request, more) {
      // However little there is to probe, one worker is needed; how many more, the plan says.
      prewarmed.fillUp(1);
      const planned = await planScan(request, localPlanDeps(workers));
      if (!planned.ok) return planned;
      prewarmed.fillUp(workersFor(planned.value, workers));
      return ok(
        await submitScan({ ...planned.value, ...more }, { ...deps(), queue: node().queueOf(planned.value.id) }),
      );
    },
    follow(scan, how) {
      prewarmed.fillUp(workersFor(scan, workers));
      const where = { node: node(), workers, prewarmed };
      return follow(scan, { ...how, onFound: smallFromManyOn(how.onFound) }, where, stderrLog(ctx, options), ctx);
    },
    scanHeads: () => scanHeads(node()),
    readRow: (head) => readRow(head, node()),
    findScan: (prefix) => findScan(node().store, prefix),
    latestScans: (target, most) => latestScansOf(node().store, target, most),
    async readReport(scan) {
      const report = await readReport(deps(), scan);
      if (openIn(report.summary) > MANY_OPEN) keepHeapSmall();
      return report;
    },
    cancel: (scan) => cancelScan(deps(), scan),
    delete: (id) => deleteStored(id, node()),
    compact: () => node().compact(),
    takeUp: (scan) => takeUp(scan, node()),
    partingWords: (id) => `Interrupted. Nothing found is lost; go on with: portfleet resume ${id}`,
    async close() {
      prewarmed.dismiss();
      await opened?.close();
    },
  };
}

async function takeUp(scan: Scan, node: LocalNode): Promise<Result<Scan>> {
  const opened = isOver(scan.status) ? await node.takeUpFailed(scan) : scan;
  if (opened) return ok(opened);
  return err(errorValue('SCAN_OVER', `Scan ${scan.id} is ${scan.status}: there is nothing to go on with.`));
}

async function plan(request: ParsedRequest, workers: number): Promise<Result<PlannedScan>> {
  const deps = localPlanDeps(workers);
  const planned = await planScan(request, deps);
  if (!planned.ok) return planned;
  const { asksAtLeast, asksIfSilent, shortest, ifSilent } = estimate(planned.value.plan, deps.fleet);
  return ok({
    scan: planned.value,
    asks: { atLeast: asksAtLeast, ifSilent: asksIfSilent },
    time: { atLeast: shortest, ifSilent },
    dollars: null,
    by: workers === 1 ? 'one worker' : `${workers} workers`,
  });
}

/** What a scan of this machine is run with. */
interface Here {
  readonly node: LocalNode;
  readonly workers: number;
  readonly prewarmed: PrewarmedWorkers;
}

/**
 * How often workers find out anew how long their chunks will take, which costs each of them some ms of work and, in a
 * young process, ten times that: for a line on a terminal, more often than it could be read; for someone who may ask, so
 * that a scan of two seconds does without.
 */
const FORECAST_EVERY: Readonly<Record<Following['looks'], Millis>> = {
  always: millis(250),
  'on-request': millis(2_000),
};

/** Runs the scan: on one machine, whoever follows it does the work. */
async function follow(
  scan: Scan,
  { start, onFound, onSettled, looks, signal }: Following,
  { node, workers, prewarmed }: Here,
  log: Log,
  ctx: CliContext,
): Promise<Scan> {
  const settledOf = start === 'resumed' ? await settledBefore(scan, node) : new Map<ChunkNumber, number>();
  let settled = [...settledOf.values()].reduce((sum, count) => sum + count, 0);
  const { geometry } = scan.plan;
  const pendingOf = (chunk: ChunkNumber): number => chunkSize(geometry, chunk) - (settledOf.get(chunk) ?? 0);
  const whole = [...settledOf.keys()].filter((chunk) => pendingOf(chunk) === 0).length;
  const timeLeft = makeScanTimeLeft({ chunks: geometry.chunks - whole, probes: plannedProbes(geometry) - settled });
  return node.run(scan, {
    start,
    workers,
    workerModule: ctx.workerModule,
    prewarmed,
    signal,
    log,
    forecastEvery: FORECAST_EVERY[looks],
    events: {
      onFound,
      onProgress(chunk, progress) {
        const now = systemClock.now();
        timeLeft.told(chunk, pendingOf(chunk), progress, now);
        settled += progress.settled - (settledOf.get(chunk) ?? 0);
        settledOf.set(chunk, progress.settled);
        onSettled(settled, timeLeft.at(now));
      },
    },
  });
}

async function settledBefore(scan: Scan, { store }: LocalNode): Promise<Map<ChunkNumber, number>> {
  const settled = new Map<ChunkNumber, number>();
  for (let number = 0; number < scan.plan.geometry.chunks; number++) {
    const coverage = await store.readCoverage(scan.id, chunkNumber(number));
    if (coverage) settled.set(coverage.chunk, countCoverage(coverage.runs).settled);
  }
  return settled;
}

/** Scans on one page of the store. */
const PAGE = 100;

async function* scanHeads({ store, isRun }: LocalNode): AsyncGenerator<ScanHead, void, void> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await store.listScans({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    for (const { id, label, submittedAt, status, request, plan } of page.items) {
      yield {
        id,
        label: label ?? null,
        submittedAt,
        status: status === 'running' && !isRun(id) ? 'interrupted' : status,
        targets: request.targets,
        moreTargets: 0,
        ports: formatPorts(plan.ports),
      };
    }
    cursor = page.cursor;
  }
}

async function readRow(head: ScanHead, { store }: LocalNode): Promise<ScanRow> {
  const scan = await store.readScan(head.id);
  if (!scan) return { ...head, planned: 0, done: 0, open: null };
  const { summary } = await readReport({ store, clock: systemClock }, scan);
  return { ...head, planned: summary.planned, done: summary.planned - summary.pending, open: openIn(summary) };
}

async function deleteStored(id: ScanId, { store, isRun }: LocalNode): Promise<Result<void>> {
  if (isRun(id)) return err(errorValue('SCAN_NOT_OVER', `Scan ${id} is being run.`));
  await store.deleteScan(id);
  return ok(undefined);
}
