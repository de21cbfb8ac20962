import type { Finding, Service } from '../../shared/domain/finding.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import type { Address, EpochMillis, Millis, PortNumber } from '../../shared/domain/units.ts';
import type { PortState, Reason } from '../../shared/domain/verdict.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';

type Findings = Pick<ScanStore, 'putFindings' | 'readFindings'>;

interface FindingRow {
  readonly address: Address;
  readonly protocol: Protocol;
  readonly port: PortNumber;
  readonly state: PortState;
  readonly reason: Reason;
  readonly service: string;
  readonly method: Service['method'];
  readonly seen_at: EpochMillis;
  readonly rtt: Millis;
  readonly attempt: number;
}

export function makeFindings(db: Database): Findings {
  const insert = db.prepare(
    `INSERT INTO findings
       (scan, chunk, address, protocol, port, state, reason, service, method, seen_at, rtt, attempt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const select = db.prepare<FindingRow>('SELECT * FROM findings WHERE scan = ? AND chunk = ?');

  return {
    putFindings: async (id, chunk, findings) => {
      if (findings.length === 0) return;
      db.immediate(() => {
        for (const { address, protocol, port, state, reason, service, seenAt, rtt, attempt } of findings) {
          const { name, method } = service;
          insert.run(id, chunk, address, protocol, port, state, reason, name, method, seenAt, rtt, attempt);
        }
      });
    },
    readFindings: async (id, chunk) => select.all(id, chunk).map(findingOf),
  };
}

const findingOf = (row: FindingRow): Finding => ({
  address: row.address,
  protocol: row.protocol,
  port: row.port,
  state: row.state,
  reason: row.reason,
  service: { name: row.service, method: row.method },
  seenAt: row.seen_at,
  rtt: row.rtt,
  attempt: row.attempt,
});
