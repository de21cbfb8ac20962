import { setImmediate } from 'node:timers/promises';
import { familyOf, readPoint } from '../../shared/domain/addresses/address-line.ts';
import { type ErrorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { quoted } from '../../shared/domain/excerpt.ts';
import type { AddressRange, Geometry, Scan } from '../../shared/domain/scan.ts';
import { isOver, mayBecome, SCAN_STATUSES, type ScanStatus } from '../../shared/domain/scan-status.ts';
import type { EpochMillis, ScanId } from '../../shared/domain/units.ts';
import { type SummaryRecord, summaryOfRecord, summaryText } from '../../shared/records/stored-summary.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';
import { damaged, holdTo, readStored, type StoredAs } from './sqlite-errors.ts';

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
    `UPDATE scans SET status = 'running', summary = NULL, failure = NULL, finished_at = NULL, reopened_by = ?3
     WHERE id = ?1 AND (status = ?2 OR (status = 'running' AND reopened_by = ?3))`,
  );

  const areAddresses = makeAddressCheck();
  return {
    createScan: async (scan) => {
      db.refuseGone();
      const { id, status, summary, submittedAt, finishedAt, failure: _, ...fixed } = scan;
      const found = summary && summaryText(summary);
      return insert.run(id, status, JSON.stringify(fixed), found, submittedAt, finishedAt) === 1;
    },
    readScan: async (id) => {
      const row = select.get(id);
      return row && scanOf(row, areAddresses);
    },
    listScans: async ({ limit, cursor = AFTER_ALL, prefix = '' }) => {
      const rows = list.all(prefix, `${prefix}${AFTER_ALL}`, cursor, limit + 1);
      const page = rows.slice(0, limit);
      const errors: ErrorValue[] = [];
      const items = page.flatMap((row) => scanUnlessDamaged(row, areAddresses, errors));
      // Whoever looks for one scan is told why there is none; a list goes on with the others.
      if (prefix !== '' && items.length === 0 && errors.length > 0) throw new PortfleetError(errors);
      for (const each of errors) onDamaged(each);
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
    reopenScan: async (id, from, by) => reopen.run(id, from, by) === 1,
    deleteScan: makeDeletion(db),
  };
}

function refuseUnlessDrawn(from: ScanStatus, to: ScanStatus): void {
  if (!mayBecome(from, to)) throw new RangeError(`a scan never goes from ${from} to ${to}`);
}

/** One scan that cannot be read must not hide the others of a list. */
function scanUnlessDamaged(row: ScanRow, areAddresses: AddressCheck, errors: ErrorValue[]): Scan[] {
  try {
    return [scanOf(row, areAddresses)];
  } catch (error) {
    if (!(error instanceof PortfleetError)) throw error;
    errors.push(...error.errors);
    return [];
  }
}

type FixedPart = Pick<Scan, 'request' | 'names' | 'plan' | 'label' | 'imported' | 'submittedBy'>;

const partOf = (id: string, part: string): StoredAs => ({ code: 'SCAN_DAMAGED', what: `Of scan ${id}, ${part}` });

/** @throws PortfleetError SCAN_DAMAGED */
const fixedPartOf = ({ id, plan }: ScanRow, areAddresses: AddressCheck): FixedPart =>
  readStored(plan, partOf(id, 'the plan'), (fixed: FixedPart) => {
    holdTo(fixed, { request: 'object', names: 'list', plan: 'object' });
    holdTo(fixed.request, { targets: 'list', exclude: 'list', ports: 'string' });
    holdTo(fixed.plan, { addresses: 'list', ports: 'object', timing: 'object', geometry: 'object' });
    holdTo(fixed.plan.ports, { tcp: 'list', udp: 'list' });
    holdTo(fixed, { ...('label' in fixed && { label: 'string' }) });
    for (const name of fixed.names) holdTo(name, { name: 'string', addresses: 'list' });
    for (const range of fixed.plan.addresses) holdTo(range, { first: 'string', last: 'string' });
    const odd = areAddresses(plan, fixed.plan.addresses);
    if (odd !== undefined) throw damaged(partOf(id, 'the plan'), odd);
    holdToGeometry(fixed.plan.geometry);
    return fixed;
  });

/** What is wrong with the addresses of a plan that is stored as that text, if anything. */
type AddressCheck = (plan: string, ranges: readonly AddressRange[]) => string | undefined;

/** A scan that runs is read again and again: of a plan that was right the last time the addresses are not looked at. */
function makeAddressCheck(): AddressCheck {
  let right = '';
  return (plan, ranges) => {
    if (plan === right) return undefined;
    for (const { first, last } of ranges) {
      const [begin, end] = [readPoint(first), readPoint(last)];
      if (begin === undefined || end === undefined)
        return `${quoted(begin === undefined ? first : last)} in it is no address`;
      if (familyOf(begin) !== familyOf(end) || begin > end) return `${quoted(`${first}-${last}`)} in it is no range`;
    }
    right = plan;
    return undefined;
  };
}

/** Whoever shows a scan walks through its chunks: of more of them than probes, or of half of one, there is no end. */
function holdToGeometry(geometry: Geometry): void {
  holdTo(geometry, { chunks: 'number', size: 'number', addressCount: 'number', portCount: 'number' });
  const { chunks, size, addressCount, portCount } = geometry;
  const areWhole = [chunks, size, addressCount, portCount].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!areWhole || chunks > addressCount * Math.max(1, portCount))
    throw new RangeError('the chunks are not those of the probes');
}

const summaryOfRow = ({ id, summary }: ScanRow): Scan['summary'] =>
  summary === null
    ? null
    : readStored(summary, partOf(id, 'the summary'), (record: SummaryRecord) => {
        holdTo(record, {
          planned: 'number',
          pending: 'number',
          settled: 'object',
          unprobed: 'object',
          tally: 'object',
        });
        holdTo(record, { suspicions: 'list', duration: 'number' });
        return summaryOfRecord(record);
      });

/** The last moment that a Date can be (ECMA-262, section 21.4.1.1). */
const LAST_MOMENT = 8.64e15;

const isMoment = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= LAST_MOMENT;

/** @throws PortfleetError SCAN_DAMAGED */
function scanOf(row: ScanRow, areAddresses: AddressCheck): Scan {
  const status = SCAN_STATUSES.find((each) => each === row.status);
  if (!status) throw damaged(partOf(row.id, 'the status'), 'it is none that a scan has');
  if (!isMoment(row.submitted_at) || (row.finished_at !== null && !isMoment(row.finished_at))) {
    throw damaged(partOf(row.id, 'the time'), 'it is none');
  }
  return {
    ...fixedPartOf(row, areAddresses),
    id: row.id as ScanId,
    status,
    summary: summaryOfRow(row),
    submittedAt: row.submitted_at as EpochMillis,
    finishedAt: row.finished_at as EpochMillis | null,
    ...(row.failure !== null && { failure: row.failure }),
  };
}

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
  open_ports: 'id',
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
