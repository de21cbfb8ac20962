import { KEY_LIFETIME } from '../../shared/domain/limits.ts';
import { epochMillis, type ScanId } from '../../shared/domain/units.ts';
import type { CallerStore, Grant, KeyUse, Reservation } from '../../shared/seams/caller-store.ts';
import type { Database } from './open-database.ts';

/** What is remembered of callers, in the same file as their scans. */
export function makeSqliteCallerStore(db: Database): CallerStore {
  const sql = { ...keyStatements(db), ...quotaStatements(db) };
  return {
    readKey: async ({ caller, key }, at) => keyUseOf(sql.key.get(caller, key, at - KEY_LIFETIME)),
    claimKey: async ({ caller, key }, { scan, fingerprint }, at) =>
      db.immediate(() => {
        sql.forgetKeys.run(at - KEY_LIFETIME);
        sql.claim.run(caller, key, fingerprint, scan, at);
        return keyUseOf(sql.key.get(caller, key, at - KEY_LIFETIME)) ?? { scan, fingerprint };
      }),
    reserve: async (reservation) => db.immediate(() => reserve(sql, reservation)),
    release: async (caller, scan) => {
      sql.leave.run(caller, scan);
    },
  };
}

interface KeyRow {
  readonly scan: string;
  readonly fingerprint: string;
}

const keyUseOf = (row: KeyRow | undefined): KeyUse | undefined =>
  row && { scan: row.scan as ScanId, fingerprint: row.fingerprint };

const keyStatements = (db: Database) => ({
  key: db.prepare<KeyRow>(
    'SELECT scan, fingerprint FROM idempotency_keys WHERE caller = ? AND key = ? AND claimed_at > ?',
  ),
  claim: db.prepare(
    `INSERT INTO idempotency_keys (caller, key, fingerprint, scan, claimed_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  ),
  forgetKeys: db.prepare('DELETE FROM idempotency_keys WHERE claimed_at <= ?'),
});

const quotaStatements = (db: Database) => ({
  usedByOthers: db.prepare<{ used: number }>(
    'SELECT coalesce(sum(probes), 0) AS used FROM daily_probes WHERE caller = ? AND day = ? AND scan <> ?',
  ),
  use: db.prepare('INSERT INTO daily_probes (caller, day, scan, probes) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'),
  forgetDays: db.prepare('DELETE FROM daily_probes WHERE caller = ? AND day < ?'),
  places: db.prepare<{ scan: string; since: number }>('SELECT scan, since FROM places WHERE caller = ? ORDER BY since'),
  enter: db.prepare('INSERT INTO places (caller, scan, since) VALUES (?, ?, ?)'),
  leave: db.prepare('DELETE FROM places WHERE caller = ? AND scan = ?'),
});

const DAY = 86_400_000;

function reserve(sql: ReturnType<typeof quotaStatements>, { caller, scan, probes, at, quota }: Reservation): Grant {
  const held = sql.places.all(caller).map((row) => ({ scan: row.scan as ScanId, since: epochMillis(row.since) }));
  if (held.some((place) => place.scan === scan)) return { kind: 'granted' };
  const day = Math.floor(at / DAY);
  const used = sql.usedByOthers.get(caller, day, scan)?.used ?? 0;
  if (used + probes > (quota.probesPerDay ?? Number.POSITIVE_INFINITY)) return { kind: 'day-spent', used };
  if (held.length >= (quota.scansAtOnce ?? Number.POSITIVE_INFINITY)) return { kind: 'places-taken', held };
  sql.forgetDays.run(caller, day);
  sql.use.run(caller, day, scan, probes);
  sql.enter.run(caller, scan, at);
  return { kind: 'granted' };
}
