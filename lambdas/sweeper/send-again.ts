import type { Scan } from '../../shared/domain/scan.ts';
import { type ChunkNumber, chunkNumber } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { ChunkRange, RangeQueue } from '../../shared/seams/range-queue.ts';
import { type CostDeps, readCost } from '../../shared/usecases/read-cost.ts';
import { laterRecord, nextRecord, type SweepRecords } from './sweep-record.ts';

interface SendAgainDeps extends CostDeps {
  readonly records: SweepRecords;
  readonly ranges: RangeQueue;
  readonly clock: Pick<Clock, 'wall'>;
}

/**
 * Sends chunks, if any, of a scan that was taken up, under keys that the queue has not seen; the sweeper counts on from there. A
 * scan with a limit of its cost may cost as much again.
 */
export const makeSendAgain =
  ({ records, ranges, clock, ...deps }: SendAgainDeps) =>
  async (scan: Scan, chunks: readonly ChunkNumber[]): Promise<void> => {
    const { id, status } = scan;
    const [now, seen] = [clock.wall(), { status, missing: chunks.length }];
    const before = (await records.read(id)) ?? laterRecord(undefined, seen, now);
    const record = nextRecord(before, seen, now);
    // Written first, as in a sweep: keys of one generation are then never used twice.
    await records.write(id, record);
    if (chunks.length === 0) return;
    const cost = await readCost(scan, deps);
    const range = rangeFrom(scan, chunks, record.generation);
    await ranges.send([{ ...range, ...(cost && cost.limit !== null && { costLimit: cost.dollars + cost.limit }) }]);
  };

/** All from the first of those chunks on: whoever sends them leaves out what has ended. */
export const rangeFrom = (
  { id, plan }: Scan,
  [first = chunkNumber(0)]: readonly ChunkNumber[],
  generation: number,
): ChunkRange => ({
  scanId: id,
  first,
  count: plan.geometry.chunks - first,
  generation,
});
