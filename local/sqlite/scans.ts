import { setImmediate } from 'node:timers/promises';
import { type ErrorValue, errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { isOver, mayBecome, type ScanStatus } from '../../shared/domain/scan-status.ts';
import type { EpochMillis, ScanId } from '../../shared/domain/units.ts';
import { type SummaryRecord, summaryOfRecord, summaryText } from '../../shared/records/stored-summary.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';
import { readStored } from './sqlite-errors.ts';

type Scans = Pick<
  ScanStore,
  'createScan' | 'readScan' | 'listScans' | 'changeStatus' | 'finishScan' | 'failScan' | 'reopenScan' | 'deleteScan'
>;

interface ScanRow {
  readonly id: string;
  readonly status: string;
  readonly plan: string;
  readonly summary: string | null;
  readonly submitted_at: number;
  readonly finished_at: number | null;
  readonly failure: string | null;
}

/** Sorts after every character of an id. */
const AFTER_ALL = '~';

export function makeScans(db: Database, onDamaged: (error: ErrorValue) => void = () => {}): Scans {
  const insert = db.prepare(
    `INSERT INTO scans (id, status, plan, summary, submitted_at, finished_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
  );
  const select = db.prepare<ScanRow>('SELECT * FROM scans WHERE id = ?');
  // Ids are ULIDs, so their order is that of submission.
  const list = db.prepare<ScanRow>('SELECT * FROM scans WHERE id >= ? AND id < ? AND id < ? ORDER BY id DESC LIMIT ?');
  const move = db.prepare('UPDATE scans SET status = ?, finished_at = ? WHERE id = ? AND status = ?');
  const fail = db.prepare(
    "UPDATE scans SET status = 'failed', finished_at = ?, failure = ? WHERE id = ? AND status = ?",
  );
  const finish = db.prepare('UPDATE scans SET status = ?, finished_at = ?, summary = ? WHERE id = ? AND status = ?');

  const reopen = db.prepare(
    `UPDATE scans SET status = 'running', summary = NULL, finished_at = NULL
     WHERE id = ? AND status = 'complete-with-gaps'`,
  );

  return {
    createScan: async (scan) => {
      const { id, status, summary, submittedAt, finishedAt, failure: _, ...fixed } = scan;
      const found = summary && summaryText(summary);
      return insert.run(id, status, JSON.stringify(fixed), found, submittedAt, finishedAt) === 1;
    },
    readScan: async (id) => {
      const row = select.get(id);
      return row && scanOf(row);
    },
    listScans: async ({ limit, cursor = AFTER_ALL, prefix = '' }) => {
      const rows = list.all(prefix, `${prefix}${AFTER_ALL}`, cursor, limit + 1);
      const page = rows.slice(0, limit);
      const items = page.flatMap((row) => scanUnlessDamaged(row, onDamaged));
      return { items, cursor: rows.length > limit ? ((page.at(-1)?.id as ScanId | undefined) ?? null) : null };
    },
    changeStatus: async (id, from, to, at) => {
      refuseUnlessDrawn(from, to);
      return move.run(to, isOver(to) ? at : null, id, from) === 1;
    },
    finishScan: async (id, to, summary, at) => finish.run(to, at, summaryText(summary), id, 'finalizing') === 1,
    failScan: async (id, from, reason, at) => {
      refuseUnlessDrawn(from, 'failed');
      return fail.run(at, reason, id, from) === 1;
    },
    reopenScan: async (id) => reopen.run(id) === 1,
    deleteScan: makeDeletion(db),
  };
}

function refuseUnlessDrawn(from: ScanStatus, to: ScanStatus): void {
  if (!mayBecome(from, to)) throw new RangeError(`a scan never goes from ${from} to ${to}`);
}

/** One scan that cannot be read must not hide the others of a list. */
function scanUnlessDamaged(row: ScanRow, onDamaged: (error: ErrorValue) => void): Scan[] {
  try {
    return [scanOf(row)];
  } catch (error) {
    if (!(error instanceof PortfleetError)) throw error;
    for (const each of error.errors) onDamaged(each);
    return [];
  }
}

type FixedPart = Pick<Scan, 'request' | 'names' | 'plan' | 'imported' | 'submittedBy'>;

/** @throws PortfleetError SCAN_DAMAGED */
function fixedPartOf({ id, plan }: ScanRow): FixedPart {
  const fixed = readStored<Partial<FixedPart> | null>(plan, { scan: id, what: 'the plan' });
  if (fixed?.plan?.geometry && fixed.request) return fixed as FixedPart;
  throw new PortfleetError([errorValue('SCAN_DAMAGED', `Of scan ${id}, the plan cannot be read: a part is missing.`)]);
}

const summaryOfRow = ({ id, summary }: ScanRow): Scan['summary'] =>
  summary === null ? null : summaryOfRecord(readStored<SummaryRecord>(summary, { scan: id, what: 'the summary' }));

const scanOf = (row: ScanRow): Scan => ({
  ...fixedPartOf(row),
  id: row.id as ScanId,
  status: row.status as ScanStatus,
  summary: summaryOfRow(row),
  submittedAt: row.submitted_at as EpochMillis,
  finishedAt: row.finished_at as EpochMillis | null,
  ...(row.failure !== null && { failure: row.failure }),
});

/**
 * Everything that belongs to a scan, by the key of its table. The scan's own row would take along all but the queue,
 * but a million rows in one transaction keep every other process waiting for 4 s; so they go by slices before it.
 * What dies in the middle leaves a scan with less in it, which can be deleted again.
 */
const BELONGINGS = {
  messages: 'id',
  dead_letters: 'id',
  tree: 'level, node, slot',
  coverage: 'chunk',
  learnt: 'address',
  findings: 'chunk, address, protocol, port',
} as const;

/** Rows in one transaction: some 100 ms. */
const SLICE = 10_000;

function makeDeletion(db: Database): ScanStore['deleteScan'] {
  const slices = Object.entries(BELONGINGS).map(([table, key]) =>
    db.prepare(
      `DELETE FROM ${table}
       WHERE scan = ?1 AND (${key}) IN (SELECT ${key} FROM ${table} WHERE scan = ?1 LIMIT ${SLICE})`,
    ),
  );
  const row = db.prepare('DELETE FROM scans WHERE id = ?');
  return async (id) => {
    for (const slice of slices) while (slice.run(id) === SLICE) await setImmediate();
    row.run(id);
  };
}
