import { dataDir } from '../local/data-dir.ts';
import { type LocalNode, openLocalNode, workersFor } from '../local/local-node.ts';
import { makePrewarmedWorkers, type PrewarmedWorkers } from '../local/worker-process.ts';
import { countCoverage } from '../shared/domain/coverage.ts';
import { formatPorts } from '../shared/domain/port-set.ts';
import { ok, type Result } from '../shared/domain/result.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../shared/domain/units.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { estimate } from '../shared/plan/estimate.ts';
import type { ParsedRequest } from '../shared/request/parse-request.ts';
import { cancelScan } from '../shared/usecases/cancel-scan.ts';
import { findScan } from '../shared/usecases/find-scan.ts';
import { latestScansOf } from '../shared/usecases/latest-scans.ts';
import { planScan } from '../shared/usecases/plan-scan.ts';
import { readReport } from '../shared/usecases/read-report.ts';
import { submitScan } from '../shared/usecases/send-chunks.ts';
import type { CliContext } from './context.ts';
import { type Deployment, type Following, openIn, type PlannedScan, type ScanRow } from './deployment.ts';
import { localPlanDeps } from './plan-deps.ts';
import type { KeptOptions } from './scan-options.ts';
import { stderrLog } from './stderr-log.ts';

/** This machine. Its store is opened when it is first needed: a dry run needs none. */
export function localDeployment(options: KeptOptions, workers: number, ctx: CliContext): Deployment {
  let opened: LocalNode | undefined;
  const node = (): LocalNode => {
    const { env, platform, home } = ctx;
    opened ??= openLocalNode(dataDir({ flag: options.dataDir, env, platform, home }));
    return opened;
  };
  const prewarmed = makePrewarmedWorkers(ctx.workerModule);
  const deps = () => ({ store: node().store, clock: systemClock });
  return {
    plan: (request) => plan(request, workers),
    async submit(request) {
      // However little there is to ask, one worker is needed; how many more, the plan says.
      prewarmed.fillUp(1);
      const planned = await planScan(request, localPlanDeps(workers));
      if (!planned.ok) return planned;
      prewarmed.fillUp(workersFor(planned.value, workers));
      return ok(await submitScan(planned.value, { ...deps(), queue: node().queueOf(planned.value.id) }));
    },
    follow(scan, how) {
      prewarmed.fillUp(workersFor(scan, workers));
      return follow(scan, how, { node: node(), workers, prewarmed }, ctx);
    },
    listScans: (limit) => listScans(limit, deps()),
    findScan: (prefix) => findScan(node().store, prefix),
    latestScans: (target, most) => latestScansOf(node().store, target, most),
    readReport: (scan) => readReport(deps(), scan),
    cancel: (scan) => cancelScan(deps(), scan),
    partingWords: (id) => `Interrupted. Nothing found is lost; go on with: portfleet resume ${id}`,
    async close() {
      prewarmed.dismiss();
      await opened?.close();
    },
  };
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

/** Runs the scan: on one machine, whoever follows it does the work. */
async function follow(
  scan: Scan,
  { start, onFound, onSettled, signal }: Following,
  { node, workers, prewarmed }: Here,
  ctx: CliContext,
): Promise<Scan> {
  const settledOf = start === 'again' ? await settledBefore(scan, node) : new Map<ChunkNumber, number>();
  let settled = [...settledOf.values()].reduce((sum, count) => sum + count, 0);
  return node.run(scan, {
    start,
    workers,
    workerModule: ctx.workerModule,
    prewarmed,
    signal,
    log: stderrLog(ctx),
    events: {
      onFound,
      onProgress(chunk, count) {
        settled += count - (settledOf.get(chunk) ?? 0);
        settledOf.set(chunk, count);
        onSettled(settled);
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

async function listScans(limit: number, deps: Parameters<typeof readReport>[0]): Promise<readonly ScanRow[]> {
  const rows: ScanRow[] = [];
  for (const scan of (await deps.store.listScans({ limit })).items) {
    const { summary } = await readReport(deps, scan);
    rows.push({
      id: scan.id,
      submittedAt: scan.submittedAt,
      status: scan.status,
      targets: scan.request.targets.join(' '),
      ports: formatPorts(scan.plan.ports),
      planned: summary.planned,
      done: summary.planned - summary.pending,
      open: openIn(summary),
    });
  }
  return rows;
}
