import { type ChunkCoverage, countCoverage } from '../../shared/domain/coverage.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import { packRuns, unpackRuns } from '../../shared/records/packed-runs.ts';
import { type TallyRecord, tallyOf, tallyRecord } from '../../shared/records/stored-summary.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';
import { readStored } from './sqlite-errors.ts';

type Coverages = Pick<ScanStore, 'putCoverage' | 'readCoverage'>;

/** What the JSON of a record holds; the chunk is the key of its row. */
interface StoredRecord {
  readonly verdicts: readonly Verdict[];
  /** Base64 of the packed codes. */
  readonly codes: string;
  readonly tally: TallyRecord;
}

export function makeCoverage(db: Database): Coverages {
  const put = db.prepare(
    `INSERT INTO coverage (scan, chunk, pending, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (scan, chunk) DO UPDATE SET pending = excluded.pending, record = excluded.record
     WHERE excluded.pending <= coverage.pending`,
  );
  const select = db.prepare<{ record: string }>('SELECT record FROM coverage WHERE scan = ? AND chunk = ?');

  return {
    putCoverage: async (id, { chunk, runs, tally }) => {
      const { verdicts, codes } = packRuns(runs);
      const record: StoredRecord = {
        verdicts,
        codes: Buffer.from(codes).toString('base64'),
        tally: tallyRecord(tally),
      };
      put.run(id, chunk, countCoverage(runs).pending, JSON.stringify(record));
    },
    readCoverage: async (id, chunk): Promise<ChunkCoverage | undefined> => {
      const row = select.get(id, chunk);
      if (!row) return undefined;
      const { verdicts, codes, tally } = readStored<StoredRecord>(row.record, {
        scan: id,
        what: `the coverage of chunk ${chunk}`,
      });
      return { chunk, runs: unpackRuns({ verdicts, codes: Buffer.from(codes, 'base64') }), tally: tallyOf(tally) };
    },
  };
}
