import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSqliteChunkQueue } from '../../local/sqlite/chunk-queue.ts';
import { type Database, openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** Every statement that the store and the queue prepare. */
function statementsOf(db: Database): string[] {
  const prepared: string[] = [];
  const watched: Database = {
    ...db,
    prepare(sql) {
      prepared.push(sql);
      return db.prepare(sql);
    },
  };
  makeSqliteScanStore(watched);
  makeSqliteChunkQueue(watched, freshScanId(), manualClock());
  return prepared;
}

/** A connection for each: libsql leaves an explained UPDATE unfinished, and nothing can be committed behind it. */
function planOf(path: string, sql: string): string[] {
  const db = openDatabase(path);
  const steps = db.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all();
  db.close();
  return steps.map(({ detail }) => detail);
}

/** "SCAN CONSTANT ROW" is the one row of an INSERT … SELECT without FROM. */
const isSlow = (step: string): boolean =>
  (step.startsWith('SCAN ') && step !== 'SCAN CONSTANT ROW') || step.includes('TEMP B-TREE');

describe('The statements over SQLite', () => {
  // With a million messages in the table, one scan of it is some 100 ms, under the lock that every worker waits for.
  it('find what they want by an index, without reading a table through or sorting', () => {
    const db = openDatabase(join(tempDir(), 'portfleet.db'));
    const statements = statementsOf(db);
    expect(statements.length).toBeGreaterThan(20);
    const slow = statements.flatMap((sql) => {
      const steps = planOf(db.path, sql).filter(isSlow);
      return steps.length > 0 ? [{ sql, steps }] : [];
    });
    expect(slow).toEqual([]);
    db.close();
  });
});
