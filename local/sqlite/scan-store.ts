import type { ErrorValue } from '../../shared/domain/errors.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { makeCoverage } from './coverage.ts';
import { makeFindings } from './findings.ts';
import type { Database } from './open-database.ts';
import { makeScans } from './scans.ts';
import { makeTimingHints } from './timing-hints.ts';
import { makeTreeNodes } from './tree-nodes.ts';

/**
 * The store over one SQLite file. `close` closes the connection, and with it every queue made on it. `onDamaged` hears of
 * the scans that a list leaves out because what is stored of them cannot be read.
 */
export function makeSqliteScanStore(db: Database, onDamaged?: (error: ErrorValue) => void): ScanStore {
  return {
    ...makeScans(db, onDamaged),
    ...makeFindings(db),
    ...makeCoverage(db),
    ...makeTimingHints(db),
    ...makeTreeNodes(db),
    close: async () => db.close(),
  };
}
