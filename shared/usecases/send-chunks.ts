import type { Scan } from '../domain/scan.ts';
import { cutRange } from '../plan/cut-range.ts';
import { chunkNumbers, outgoingOf } from '../plan/outgoing.ts';
import type { ChunkSender } from '../seams/chunk-queue.ts';
import type { Clock } from '../seams/clock.ts';
import type { ChunkRange, RangeQueue } from '../seams/range-queue.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/*
 * A scan goes out in one of two ways, and the sweeper sends what either of them left behind when it died half-way:
 *
 *   one machine   submitScan      every chunk onto the queue
 *   a fleet       startScan       a small scan likewise; a large one as ranges, which splitRange cuts up and sends
 */

interface SendDeps {
  readonly store: Pick<ScanStore, 'changeStatus'>;
  readonly clock: Pick<Clock, 'wall'>;
  readonly queue: ChunkSender;
}

/** First, because a chunk that is delivered at once must find its scan running. */
const setRunning = ({ id }: Scan, { store, clock }: SendDeps): Promise<boolean> =>
  store.changeStatus(id, 'planned', 'running', clock.wall());

/** Messages handed to the queue at once. */
const SEND_BATCH = 1_000;

/** Stores a scan and sends all its chunks to the queue of one machine. */
export async function submitScan(
  scan: Scan,
  deps: SendDeps & { readonly store: Pick<ScanStore, 'createScan'> },
): Promise<Scan> {
  await deps.store.createScan(scan);
  await setRunning(scan, deps);
  const { chunks } = scan.plan.geometry;
  for (let first = 0; first < chunks; first += SEND_BATCH) {
    await deps.queue.send(outgoingOf(scan, chunkNumbers(first, Math.min(SEND_BATCH, chunks - first))));
  }
  return { ...scan, status: 'running' };
}

export interface SplitDeps {
  readonly queue: ChunkSender;
  readonly ranges: RangeQueue;
}

/**
 * Sends a stored scan on its way, in the time that one request has however many chunks it is: those of a small scan
 * go out at once, a large one leaves as ranges, which `splitRange` cuts up. May be called twice for one scan.
 */
export async function startScan(scan: Scan, deps: SplitDeps & SendDeps): Promise<Scan> {
  await setRunning(scan, deps);
  await sendRange(scan, { scanId: scan.id, first: 0, count: scan.plan.geometry.chunks, generation: 0 }, deps);
  return { ...scan, status: 'running' };
}

/** Cuts up a range that was delivered, or sends its chunks. A range of a scan that does not run is dropped. */
export async function splitRange(
  range: ChunkRange,
  deps: SplitDeps & { readonly store: Pick<ScanStore, 'readScan'> },
): Promise<void> {
  const scan = await deps.store.readScan(range.scanId);
  if (scan?.status === 'running') await sendRange(scan, within(scan, range), deps);
}

/** A message is not trusted: what it names beyond the scan's own chunks is left out. */
function within({ plan }: Scan, range: ChunkRange): ChunkRange {
  const first = Math.min(range.first, plan.geometry.chunks);
  return { ...range, first, count: Math.min(range.count, plan.geometry.chunks - first) };
}

async function sendRange(scan: Scan, range: ChunkRange, { queue, ranges }: SplitDeps): Promise<void> {
  const pieces = cutRange(range);
  if (pieces.length > 1) return ranges.send(pieces);
  await queue.send(outgoingOf(scan, chunkNumbers(range.first, range.count), range.generation));
}
