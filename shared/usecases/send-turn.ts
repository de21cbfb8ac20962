import { isSpent } from '../domain/cost.ts';
import { CHUNKS_PER_TURN } from '../domain/limits.ts';
import type { Scan } from '../domain/scan.ts';
import { workerSecondsOf } from '../plan/estimate-cost.ts';
import { chunkNumbers, outgoingOf } from '../plan/outgoing.ts';
import { sendWindow, workersAt } from '../plan/send-window.ts';
import { chunksInLane, type FleetSize } from '../plan/split-chunks.ts';
import type { ChunkSender } from '../seams/chunk-queue.ts';
import type { Clock } from '../seams/clock.ts';
import type { ChunkRange, RangeQueue } from '../seams/range-queue.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import type { ChunkSpan, UsageStore } from '../seams/usage-store.ts';
import { unendedChunks } from './find-missing-chunks.ts';
import { readCost } from './read-cost.ts';

export interface TurnDeps {
  readonly store: Pick<ScanStore, 'readScan' | 'readNode' | 'changeStatus'>;
  readonly usage: Pick<UsageStore, 'over'>;
  readonly queue: ChunkSender;
  readonly ranges: RangeQueue;
  readonly fleet: FleetSize;
  readonly clock: Pick<Clock, 'wall'>;
  /** Scans that share the fleet now, this one included. */
  readonly activeScans: () => Promise<number>;
}

/** Between two turns of a scan whose window is full: short beside the 40 seconds of work that wait on the queue. */
export const TURN_SECONDS = 5;

/**
 * Scans take turns, so that the queue of chunks, which is in order, never holds more of one than the fleet takes in
 * about a minute, and a scan of one host gets workers soon behind one of a million hosts:
 *
 *   sent, not ended  <  window   send what is missing, 1,000 chunks at the most
 *   anything left                the rest of the range waits for its next turn: at once where the window has room
 *                                left, otherwise for five seconds
 *   a limit of its cost          it has turns until it is over, also when all is sent; at the limit it is cancelled
 *
 * A turn that comes twice sends its chunks under the keys that they have already. One that is lost for good is made good
 * by the sweeper.
 */
export async function sendTurn(scan: Scan, range: ChunkRange, deps: TurnDeps): Promise<void> {
  const limit = range.costLimit ?? scan.cost?.limit ?? null;
  if (limit !== null && (await hasCost(scan, limit, deps))) return;
  const { first, count, generation } = range;
  const sent = { first: range.sentFrom ?? first, end: first };
  const outstanding = await unendedChunks(deps.store, scan, sent);
  const window = await windowOf(scan, range, sent, outstanding.length, deps);
  const room = Math.max(0, window - outstanding.length);
  const next = Math.min(room, CHUNKS_PER_TURN, count);
  // What was sent before may have ended since; what never was has not.
  const span = { first, end: first + next };
  const chunks = generation === 0 ? chunkNumbers(first, next) : await unendedChunks(deps.store, scan, span);
  await deps.queue.send(outgoingOf(scan, chunks, generation));
  if (next === count && limit === null) return;
  const rest = { ...range, first: first + next, count: count - next, sentFrom: outstanding[0] ?? first, window };
  await deps.ranges.send([rest], room > next && rest.count > 0 ? 0 : TURN_SECONDS);
}

/** True where the scan has cost that much: it is cancelled then. */
async function hasCost(scan: Scan, limit: number, { store, clock, usage }: TurnDeps): Promise<boolean> {
  const cost = await readCost(scan, { usage });
  if (!cost || !isSpent({ ...cost, limit })) return false;
  await store.changeStatus(scan.id, 'running', 'cancelled', clock.wall());
  return true;
}

/** Takes the turn of a range that was delivered. A range of a scan that does not run is dropped. */
export async function takeTurn(range: ChunkRange, deps: TurnDeps): Promise<void> {
  const scan = await deps.store.readScan(range.scanId);
  if (scan?.status === 'running') await sendTurn(scan, within(scan, range), deps);
}

/** A message is not trusted: what it names beyond the scan's own chunks is left out. */
function within({ plan }: Scan, range: ChunkRange): ChunkRange {
  const { sentFrom, ...rest } = range;
  const first = Math.min(range.first, plan.geometry.chunks);
  return {
    ...rest,
    first,
    count: Math.min(range.count, plan.geometry.chunks - first),
    ...(sentFrom !== undefined && { sentFrom: Math.min(sentFrom, first) }),
  };
}

async function windowOf(
  { id, plan, submittedAt }: Scan,
  { window }: ChunkRange,
  sent: ChunkSpan,
  outstanding: number,
  { usage, fleet, clock, activeScans }: TurnDeps,
): Promise<number> {
  const { ended, millis } = await usage.over(id, sent);
  return sendWindow({
    workers: workersAt((clock.wall() - submittedAt) / 1_000, fleet.workers),
    scans: Math.max(1, await activeScans()),
    // Until a chunk has ended, as long as one takes where nothing answers.
    chunkSeconds: ended > 0 ? millis / 1_000 / ended : workerSecondsOf(plan, fleet).ifSilent / plan.geometry.chunks,
    depth: chunksInLane(plan.geometry),
    outstanding,
    ...(window !== undefined && { window }),
  });
}
