import type { Clock } from '../../shared/seams/clock.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { makeChunks } from './dynamo-chunks.ts';
import { makeDeletion } from './dynamo-deletion.ts';
import { makeScans } from './dynamo-scans.ts';
import { makeTimingHintStore } from './dynamo-timing-hints.ts';
import { makeTreeNodes } from './dynamo-tree.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

/** The store over one DynamoDB table; see `keys` for where things lie in it. */
export function makeDynamoScanStore(table: Table, retention: Retention, clock: Pick<Clock, 'wall'>): ScanStore {
  const scans = makeScans(table, retention);
  return {
    ...scans,
    ...makeDeletion(table, scans.readScan),
    ...makeChunks(table, retention, clock),
    ...makeTimingHintStore(table, retention),
    ...makeTreeNodes(table, retention),
    close: async () => {},
  };
}
