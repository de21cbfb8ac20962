import { join } from 'node:path';
import { makeSqliteChunkQueue } from '../../local/sqlite/chunk-queue.ts';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { millis } from '../../shared/domain/units.ts';
import type { QueueUnderTest } from '../contract/queue-bench.ts';
import { manualClock } from './manual-clock.ts';
import { makeMemoryChunkQueues } from './memory-chunk-queue.ts';
import { tempDir } from './temp-dir.ts';

const VISIBILITY = millis(30_000);

export async function memoryQueues(maxDeliveries?: number): Promise<QueueUnderTest> {
  const clock = manualClock();
  return {
    queueOf: makeMemoryChunkQueues(clock, maxDeliveries),
    visibility: VISIBILITY,
    elapse: async (time) => clock.advance(time),
    close: async () => {},
  };
}

export async function sqliteQueues(maxDeliveries?: number): Promise<QueueUnderTest> {
  const clock = manualClock();
  const db = openDatabase(join(tempDir(), 'portfleet.db'));
  return {
    queueOf: (scanId) => makeSqliteChunkQueue(db, scanId, clock, { maxDeliveries }),
    visibility: VISIBILITY,
    elapse: async (time) => clock.advance(time),
    close: async () => db.close(),
  };
}
