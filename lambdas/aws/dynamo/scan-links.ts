import type { ScanId, WatchId } from '../../../shared/domain/units.ts';
import { scanWatchKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

/** Which watch a scan belongs to, so that its end can be told to the watch at once. */
export interface ScanLinks {
  write(scan: ScanId, watch: WatchId): Promise<void>;
  read(scan: ScanId): Promise<WatchId | undefined>;
  remove(scan: ScanId): Promise<void>;
}

export const makeScanLinks = (table: Table, retention: Retention): ScanLinks => ({
  write: async (scan, watch) => {
    await table.put({ ...scanWatchKey(scan), watch, expires: retention.expires() });
  },
  read: async (scan) => (await table.get<{ readonly watch: WatchId }>(scanWatchKey(scan)))?.watch,
  remove: (scan) => table.deleteAll([scanWatchKey(scan)]),
});
