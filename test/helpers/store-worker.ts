import { setTimeout } from 'node:timers/promises';
import { makeSqliteChunkQueue } from '../../local/sqlite/chunk-queue.ts';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import type { Millis, ScanId } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import type { Delivery } from '../../shared/seams/chunk-queue.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { coverageOfChunk, findingsOfChunk } from './sample-scan.ts';

/** What a process of `store-worker` is started with, as JSON. */
export interface StoreWorkerOptions {
  readonly path: string;
  readonly scan: ScanId;
  readonly visibility: Millis;
  /** Writes down which groups are being worked on, and fails when somebody else is at one of them. */
  readonly watchGroups: boolean;
  /** Stops half-way through its first chunk, says so, and holds it until it is killed. */
  readonly holdsFirst: boolean;
}

export type FromStoreWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ended'; readonly finished: boolean }
  | { readonly kind: 'holding'; readonly delivery: Delivery };

/** How often an idle worker looks again: no event of this process tells what others put back on the queue. */
const LOOK_EVERY = 10;

/** As if ports were asked: the other processes get at the file meanwhile. */
const ASKING = 2;

const options = JSON.parse(process.argv[2] ?? '{}') as StoreWorkerOptions;
const tell = (message: FromStoreWorker): void => void process.send?.(message);

const db = openDatabase(options.path);
const store = makeSqliteScanStore(db);
const queue = makeSqliteChunkQueue(db, options.scan, systemClock);
const enter = db.prepare('INSERT INTO groups_at_work (name) VALUES (?)');
const leave = db.prepare('DELETE FROM groups_at_work WHERE name = ?');

async function work(delivery: Delivery): Promise<void> {
  const scan = await store.readScan(options.scan);
  if (!scan) throw new Error('the scan is gone');
  const { chunk } = delivery.message;
  if (options.watchGroups) enter.run(delivery.group);
  await setTimeout(ASKING);
  await store.putFindings(scan.id, chunk, findingsOfChunk(chunk));
  if (options.holdsFirst) {
    tell({ kind: 'holding', delivery });
    process.channel?.ref();
    await new Promise(() => {});
  }
  await store.putCoverage(scan.id, coverageOfChunk(chunk));
  const finished = await completeChunk({ store, clock: systemClock }, scan, chunk, 'settled');
  if (options.watchGroups) leave.run(delivery.group);
  await queue.delete(delivery);
  tell({ kind: 'ended', finished });
}

tell({ kind: 'ready' });
// All start together, when everybody is there.
await new Promise((resolve) => process.once('message', resolve));
while ((await queue.depth()) > 0) {
  const [delivery] = await queue.receive(1, options.visibility);
  if (delivery) await work(delivery);
  else await setTimeout(LOOK_EVERY);
}
await store.close();
process.disconnect?.();
