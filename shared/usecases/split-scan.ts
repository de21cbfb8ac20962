import { addressIndex } from '../domain/addresses/address-set.ts';
import type { Scan } from '../domain/scan.ts';
import { chunkNumber } from '../domain/units.ts';
import { cutRange } from '../plan/cut-range.ts';
import type { ChunkQueue, Outgoing } from '../seams/chunk-queue.ts';
import type { Clock } from '../seams/clock.ts';
import type { ChunkRange, RangeQueue } from '../seams/range-queue.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { outgoingOf } from './submit-scan.ts';

export interface SplitDeps {
  readonly queue: Pick<ChunkQueue, 'send'>;
  readonly ranges: RangeQueue;
}

/**
 * Sends a stored scan on its way, in the time that one request has however many chunks it is: those of a small scan
 * go out at once, a large one leaves as ranges, which `splitRange` cuts up. May be called twice for one scan.
 */
export async function startScan(
  scan: Scan,
  deps: SplitDeps & { readonly store: Pick<ScanStore, 'changeStatus'>; readonly clock: Pick<Clock, 'wall'> },
): Promise<Scan> {
  // First, because a chunk that is delivered at once must find its scan running.
  await deps.store.changeStatus(scan.id, 'planned', 'running', deps.clock.wall());
  await sendRange(scan, { scanId: scan.id, first: 0, count: scan.plan.geometry.chunks, generation: 0 }, deps);
  return { ...scan, status: 'running' };
}

/** Cuts up a range that was delivered, or sends its chunks. A range of a scan that does not run is nobody's work. */
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
  const { at } = addressIndex(scan.plan.addresses);
  const numbers = Array.from({ length: range.count }, (_, nth) => chunkNumber(range.first + nth));
  await queue.send(numbers.map((number) => again(outgoingOf(scan.id, scan.plan, number, at), range.generation)));
}

const again = (outgoing: Outgoing, generation: number): Outgoing =>
  generation === 0 ? outgoing : { ...outgoing, deduplicationKey: `${outgoing.deduplicationKey}/again-${generation}` };
