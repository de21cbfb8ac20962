import type { Clock } from '../../../shared/seams/clock.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { makeCoverage } from './coverage.ts';
import { makeFindings } from './findings.ts';
import type { Retention } from './retention.ts';
import { makeScans } from './scans.ts';
import type { Table } from './table.ts';
import { makeTimingHints } from './timing-hints.ts';
import { makeTreeNodes } from './tree-nodes.ts';

/** The store over one DynamoDB table; see `keys` for where things lie in it. */
export function makeDynamoScanStore(table: Table, retention: Retention, clock: Pick<Clock, 'wall'>): ScanStore {
  return {
    ...makeScans(table, retention),
    ...makeFindings(table, retention, clock),
    ...makeCoverage(table, retention),
    ...makeTimingHints(table, retention),
    ...makeTreeNodes(table, retention),
    close: async () => {},
  };
}
