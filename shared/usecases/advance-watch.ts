import type { Report } from '../domain/report.ts';
import type { Result } from '../domain/result.ts';
import type { Scan } from '../domain/scan.ts';
import { isOver } from '../domain/scan-status.ts';
import { epochMillis, type ScanId, type WatchId } from '../domain/units.ts';
import type { CurrentRun, Watch } from '../domain/watch.ts';
import type { RawRequest } from '../request/parse-request.ts';
import type { Clock } from '../seams/clock.ts';
import type { WatchStore } from '../seams/watch-store.ts';
import { deliveriesOf } from '../watch/deliveries-of.ts';
import { beginRound, beginRun, endRound, failRound } from '../watch/run-steps.ts';
import { afterQuietHours } from '../watch/schedule.ts';
import { judgeRound } from './judge-round.ts';

/** The scans of a watch, as the deployment submits and keeps them. */
export interface WatchScans {
  /** Submits the request under that id, however often it is called. */
  start(watch: Watch, request: RawRequest, id: ScanId): Promise<Result<unknown>>;
  read(id: ScanId): Promise<Scan | undefined>;
  report(scan: Scan): Promise<Report>;
  /** Makes what is stored of a scan smaller, because it is kept. */
  compact(scan: Scan): Promise<void>;
  /** Deletes a scan that is over; one that is not there is none. */
  discard(id: ScanId): Promise<void>;
}

export interface AdvanceDeps {
  readonly watches: WatchStore;
  readonly scans: WatchScans;
  readonly clock: Pick<Clock, 'wall'>;
  readonly newId: () => ScanId;
  /** Receivers that are told of every watch of this place, whatever its owner named. */
  readonly alwaysTold?: readonly string[];
  /** May the watch begin a run that is due? Left out, it may. */
  readonly mayBegin?: (watch: Watch) => boolean;
}

/**
 * Takes a watch as far as it can go now (the picture is in `run-steps`): begins what is due, judges what is over, hands
 * on what is to be told. Each step ends with one write of the watch under its version, so any number of processes may
 * do this at once, and whoever dies is followed by the next.
 */
export async function advanceWatch(id: WatchId, deps: AdvanceDeps): Promise<void> {
  // A step that no other process took leads to the next; a watch has few of them before it has to wait.
  for (let watch = await deps.watches.readWatch(id); watch; watch = await deps.watches.readWatch(id)) {
    const next = await nextStep(watch, deps);
    if (!next) return;
    await deps.watches.replaceWatch(next);
  }
}

/** The watch after its next step; undefined where it has to wait. */
async function nextStep(watch: Watch, deps: AdvanceDeps): Promise<Watch | undefined> {
  const now = deps.clock.wall();
  const { phase } = watch;
  if (watch.outbox.length > 0) return handOn(watch, deps);
  if (watch.leftovers.length > 0) return clearAway(watch, deps);
  switch (phase.kind) {
    case 'idle': {
      const isDue = watch.nextRunAt !== null && watch.nextRunAt <= now && (deps.mayBegin?.(watch) ?? true);
      return isDue ? beginRun(watch, deps.newId(), now) : undefined;
    }
    case 'between-rounds':
      return phase.until <= now ? beginRound(watch, phase.run, deps.newId()) : undefined;
    case 'scanning':
      return lookAtScan(watch, phase.run, phase.scan, deps);
    default:
      return phase satisfies never;
  }
}

/** Each receiver gets the message as a delivery of its own, in the store, before the outbox is emptied. */
async function handOn(watch: Watch, { watches, clock, alwaysTold }: AdvanceDeps): Promise<Watch> {
  const dueAt = afterQuietHours(watch.spec.quietHours, clock.wall());
  for (const message of watch.outbox) {
    for (const delivery of deliveriesOf(watch, message, dueAt, alwaysTold)) await watches.createDelivery(delivery);
  }
  return { ...watch, outbox: [] };
}

async function clearAway(watch: Watch, { scans }: AdvanceDeps): Promise<Watch> {
  for (const scan of watch.leftovers) await scans.discard(scan);
  return { ...watch, leftovers: [] };
}

async function lookAtScan(watch: Watch, run: CurrentRun, id: ScanId, deps: AdvanceDeps): Promise<Watch | undefined> {
  const scan = await deps.scans.read(id);
  if (!scan || scan.status === 'planned') {
    const started = await deps.scans.start(watch, requestOf(watch, run), id);
    if (started.ok) return undefined;
    return failRound(watch, run, started.errors.map(({ detail }) => detail).join(' '), deps.clock.wall());
  }
  if (!isOver(scan.status)) return undefined;
  const at = scan.finishedAt ?? epochMillis(deps.clock.wall());
  if (scan.status === 'cancelled' || scan.status === 'failed') {
    return failRound(
      watch,
      run,
      `The scan ${id} was ${scan.status === 'failed' ? 'not carried out' : 'cancelled'}.`,
      at,
    );
  }
  const full = id === run.fullScan || run.fullScan === null ? scan : await deps.scans.read(run.fullScan);
  const judged = await judgeRound(watch, run, await deps.scans.report(scan), full, deps.watches);
  const next = endRound(watch, run, id, judged);
  if (next.phase.kind === 'idle' && full) await deps.scans.compact(full);
  return next;
}

/** What a round probes: everything, or what seems to have changed, in the words and at the rate of the watch. */
export function requestOf({ spec: { request } }: Watch, { narrowed }: CurrentRun): RawRequest {
  if (narrowed === null) return request;
  // What is excluded stays excluded: a name of the round may have such an address, too.
  const { exclude, timing, timeout, retries, rate, family, detect } = request;
  return { ...narrowed, exclude, timing, timeout, retries, rate, family, detect };
}
