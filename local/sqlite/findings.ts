import { type Finding, type Service, wasIdentified } from '../../shared/domain/finding.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import type { Address, EpochMillis, Millis, PortNumber, ScanId } from '../../shared/domain/units.ts';
import type { PortState, Reason } from '../../shared/domain/verdict.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';
import { readStored, type StoredAs } from './sqlite-errors.ts';

type Findings = Pick<ScanStore, 'putFindings' | 'readFindings'>;

interface FindingRow {
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

export function makeFindings(db: Database): Findings {
  const insert = db.prepare(
    `INSERT INTO findings
       (scan, chunk, address, protocol, port, state, reason, service, method, identified, details, seen_at, rtt, attempt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE
       SET service = excluded.service, method = excluded.method, identified = 1, details = excluded.details
       WHERE findings.identified = 0 AND excluded.identified = 1`,
  );
  const select = db.prepare<FindingRow>('SELECT * FROM findings WHERE scan = ? AND chunk = ?');

  return {
    putFindings: async (id, chunk, findings) => {
      if (findings.length === 0) return;
      db.immediate(() => {
        for (const finding of findings) {
          const { address, protocol, port, state, reason, service, seenAt, rtt, attempt } = finding;
          const key = [id, chunk, address, protocol, port] as const;
          const told = [service.name, service.method, wasIdentified(finding) ? 1 : 0, detailsOf(finding)] as const;
          insert.run(...key, state, reason, ...told, seenAt, rtt, attempt);
        }
      });
    },
    readFindings: async (id, chunk) => select.all(id, chunk).map((row) => findingOf(id, row)),
  };
}

/** What most findings lack, and no query searches by. */
interface Details {
  readonly service: Omit<Service, 'name' | 'method'>;
  readonly more: Pick<Finding, 'banner' | 'tls'>;
}

function detailsOf({ service: { name: _, method: __, ...service }, banner, tls }: Finding): string | null {
  const details: Details = { service, more: { ...(banner !== undefined && { banner }), ...(tls && { tls }) } };
  const isEmpty = Object.keys(details.service).length + Object.keys(details.more).length === 0;
  return isEmpty ? null : JSON.stringify(details);
}

function findingOf(scan: ScanId, row: FindingRow): Finding {
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
