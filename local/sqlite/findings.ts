import type { Finding, Service } from '../../shared/domain/finding.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import type { Address, ChunkNumber, EpochMillis, Millis, PortNumber, ScanId } from '../../shared/domain/units.ts';
import type { PortState, Reason } from '../../shared/domain/verdict.ts';
import { findingBatches, joinAll, packColumns, unpackColumns } from '../../shared/records/packed-findings.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';
import { damaged, readStored, type StoredAs } from './sqlite-errors.ts';

type Findings = Pick<ScanStore, 'putFindings' | 'readFindings' | 'compactFindings'>;

interface PackedRow {
  readonly id: number;
  readonly record: Uint8Array;
}

export function makeFindings(db: Database): Findings {
  const insert = db.prepare('INSERT INTO open_ports (scan, chunk, record) VALUES (?, ?, ?)');
  const select = db.prepare<PackedRow>('SELECT id, record FROM open_ports WHERE scan = ? AND chunk = ? ORDER BY id');
  const remove = db.prepare('DELETE FROM open_ports WHERE id = ?');
  const earlier = earlierFindings(db);
  const put = (id: ScanId, chunk: ChunkNumber, findings: readonly Finding[]): void => {
    for (const some of findingBatches(findings)) insert.run(id, chunk, Buffer.from(packColumns(some)));
  };
  const packedIn = (id: ScanId, chunk: ChunkNumber, rows: readonly PackedRow[]): Finding[] =>
    rows.flatMap(({ record }) => unpackRow(id, chunk, record));

  return {
    putFindings: async (id, chunk, findings) => {
      if (findings.length > 0) db.immediate(() => put(id, chunk, findings));
    },
    readFindings: async (id, chunk) => joinAll([...earlier(id, chunk), ...packedIn(id, chunk, select.all(id, chunk))]),
    compactFindings: async (id, chunk) =>
      db.immediate(() => {
        const rows = select.all(id, chunk);
        if (rows.length < 2) return;
        for (const row of rows) remove.run(row.id);
        put(id, chunk, joinAll(packedIn(id, chunk, rows)));
      }),
  };
}

/** @throws PortfleetError SCAN_DAMAGED */
function unpackRow(scan: ScanId, chunk: ChunkNumber, record: Uint8Array): Finding[] {
  try {
    return unpackColumns(record);
  } catch (error) {
    const as: StoredAs = { code: 'SCAN_DAMAGED', what: `Of scan ${scan}, the open ports of chunk ${chunk}` };
    throw damaged(as, 'what is stored is not what was written', error);
  }
}

interface EarlierRow {
  readonly address: Address;
  readonly protocol: Protocol;
  readonly port: PortNumber;
  readonly state: PortState;
  readonly reason: Reason;
  readonly service: string;
  readonly method: Service['method'];
  readonly details: string | null;
  readonly seen_at: EpochMillis;
  readonly rtt: Millis;
  readonly attempt: number;
}

/** What earlier versions stored, a row for each port. */
function earlierFindings(db: Database): (id: ScanId, chunk: ChunkNumber) => Finding[] {
  const select = db.prepare<EarlierRow>('SELECT * FROM findings WHERE scan = ? AND chunk = ?');
  return (id, chunk) => select.all(id, chunk).map((row) => findingOf(id, row));
}

/** What most findings lack, in a column of its own. */
interface Details {
  readonly service: Omit<Service, 'name' | 'method'>;
  readonly more: Pick<Finding, 'banner' | 'tls'>;
}

function findingOf(scan: ScanId, row: EarlierRow): Finding {
  const as: StoredAs = { code: 'SCAN_DAMAGED', what: `Of scan ${scan}, what ${row.address} port ${row.port} said` };
  const details = row.details === null ? null : readStored(row.details, as, (stored: Details) => stored);
  return {
    address: row.address,
    protocol: row.protocol,
    port: row.port,
    state: row.state,
    reason: row.reason,
    service: { name: row.service, method: row.method, ...details?.service },
    seenAt: row.seen_at,
    rtt: row.rtt,
    attempt: row.attempt,
    ...details?.more,
  };
}
