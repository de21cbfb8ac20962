import type { Scan } from '../../shared/domain/scan.ts';
import type { ChunkNumber, ScanId } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { ChunkRange, RangeQueue } from '../../shared/seams/range-queue.ts';
import { laterRecord, nextRecord, type SweepRecords } from './sweep-record.ts';

/** Sends chunks of a scan that was taken up, under keys that the queue has not seen; the sweeper counts on from there. */
export const makeSendAgain =
  (records: SweepRecords, ranges: RangeQueue, clock: Pick<Clock, 'wall'>) =>
  async ({ id, status }: Scan, chunks: readonly ChunkNumber[]): Promise<void> => {
    const [now, seen] = [clock.wall(), { status, missing: chunks.length }];
    const before = (await records.read(id)) ?? laterRecord(undefined, seen, now);
    const record = nextRecord(before, seen, now);
    // Written first, as in a sweep: keys of one generation are then never used twice.
    await records.write(id, record);
    await ranges.send(rangesOf(id, chunks, record.generation));
  };

/** Messages of one sweep: 100 calls of SQS. What is left is sent when these have moved something. */
const RANGES_AT_ONCE = 1_000;

/** Neighbouring numbers as ranges. */
export function rangesOf(scanId: ScanId, numbers: readonly number[], generation: number): ChunkRange[] {
  const ranges: { first: number; count: number }[] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last.first + last.count === number) last.count += 1;
    else if (ranges.length < RANGES_AT_ONCE) ranges.push({ first: number, count: 1 });
    else break;
  }
  return ranges.map((range) => ({ ...range, scanId, generation }));
}
