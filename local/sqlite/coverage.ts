import { type ChunkCoverage, type ChunkForecast, distanceToEnd } from '../../shared/domain/coverage.ts';
import type { NamesOfAddresses } from '../../shared/domain/reverse-names.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import { packRuns, unpackRuns } from '../../shared/records/packed-runs.ts';
import { type TallyRecord, tallyOf, tallyRecord } from '../../shared/records/stored-summary.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';
import { readStored, type StoredAs } from './sqlite-errors.ts';

type Coverages = Pick<ScanStore, 'putCoverage' | 'readCoverage' | 'countDelivery' | 'replaceCoverage'>;

/** What the JSON of a record holds; the chunk is the key of its row. */
interface StoredRecord {
  readonly verdicts: readonly Verdict[];
  /** Base64 of the packed codes. */
  readonly codes: string;
  readonly tally: TallyRecord;
  readonly names?: NamesOfAddresses;
  readonly forecast?: ChunkForecast;
}

type Row = [scan: ScanId, chunk: number, pending: number, record: string, idle: number];

function rowOf(id: ScanId, { chunk, runs, tally, idle = 0, names, forecast }: ChunkCoverage): Row {
  const { verdicts, codes } = packRuns(runs);
  const packed = Buffer.from(codes).toString('base64');
  const record: StoredRecord = {
    ...{ verdicts, codes: packed, tally: tallyRecord(tally) },
    ...(names && { names }),
    ...(forecast && { forecast }),
  };
  return [id, chunk, distanceToEnd(runs), JSON.stringify(record), idle];
}

export function makeCoverage(db: Database): Coverages {
  const put = db.prepare(
    `INSERT INTO coverage (scan, chunk, pending, record, idle) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (scan, chunk) DO UPDATE
       SET pending = excluded.pending, record = excluded.record, idle = excluded.idle
       WHERE excluded.pending <= coverage.pending OR coverage.record = ''`,
  );
  const replace = db.prepare(
    'INSERT OR REPLACE INTO coverage (scan, chunk, pending, record, idle) VALUES (?, ?, ?, ?, ?)',
  );
  // A delivery may be counted before anything is settled: the record is empty then.
  const count = db.prepare<{ idle: number }>(
    `INSERT INTO coverage (scan, chunk, pending, record, idle) VALUES (?, ?, 0, '', 1)
     ON CONFLICT (scan, chunk) DO UPDATE SET idle = idle + 1 RETURNING idle`,
  );
  const select = db.prepare<{ record: string; idle: number }>(
    "SELECT record, idle FROM coverage WHERE scan = ? AND chunk = ? AND record <> ''",
  );

  return {
    putCoverage: async (id, coverage) => void put.run(...rowOf(id, coverage)),
    replaceCoverage: async (id, coverage) => void replace.run(...rowOf(id, coverage)),
    readCoverage: async (id, chunk): Promise<ChunkCoverage | undefined> => {
      const row = select.get(id, chunk);
      if (!row) return undefined;
      const as: StoredAs = { code: 'SCAN_DAMAGED', what: `Of scan ${id}, the coverage of chunk ${chunk}` };
      return readStored(row.record, as, ({ verdicts, codes, tally, names, forecast }: StoredRecord) => ({
        chunk,
        runs: unpackRuns({ verdicts, codes: Buffer.from(codes, 'base64') }),
        tally: tallyOf(tally),
        ...(row.idle > 0 && { idle: row.idle }),
        ...(names && { names }),
        ...(forecast && { forecast }),
      }));
    },
    countDelivery: async (id, chunk) => count.get(id, chunk)?.idle ?? 0,
  };
}
