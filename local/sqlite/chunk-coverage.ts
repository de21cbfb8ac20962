import { type AskTally, type ChunkCoverage, countCoverage, type Run } from '../../shared/domain/coverage.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';

type Coverages = Pick<ScanStore, 'putCoverage' | 'readCoverage'>;

/** What the JSON of a record holds; the chunk is the key of its row. */
interface StoredRecord {
  readonly runs: readonly Run[];
  readonly tally: AskTally;
}

export function makeCoverages(db: Database): Coverages {
  const put = db.prepare(
    `INSERT INTO coverage (scan, chunk, pending, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (scan, chunk) DO UPDATE SET pending = excluded.pending, record = excluded.record
     WHERE excluded.pending <= coverage.pending`,
  );
  const select = db.prepare<{ record: string }>('SELECT record FROM coverage WHERE scan = ? AND chunk = ?');

  return {
    putCoverage: async (id, { chunk, runs, tally }) => {
      const record: StoredRecord = { runs, tally };
      put.run(id, chunk, countCoverage(runs).pending, JSON.stringify(record));
    },
    readCoverage: async (id, chunk): Promise<ChunkCoverage | undefined> => {
      const row = select.get(id, chunk);
      return row && { chunk, ...(JSON.parse(row.record) as StoredRecord) };
    },
  };
}
