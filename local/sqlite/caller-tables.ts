/**
 * What is remembered of callers. None of it hangs on a scan: a scan that was deleted has still used up its probes.
 *
 * idempotency_keys  what a key was first used for, for as long as `KEY_LIFETIME`
 * daily_probes      one row a scan: the probes it took of its caller's UTC day (days since 1970)
 * places            the scans that a caller has under way, as far as anybody looked
 */
export const CALLER_TABLES = `
CREATE TABLE idempotency_keys (
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  scan TEXT NOT NULL,
  claimed_at INTEGER NOT NULL,
  PRIMARY KEY (caller, key)
) WITHOUT ROWID;
CREATE INDEX keys_by_age ON idempotency_keys (claimed_at);

CREATE TABLE daily_probes (
  caller TEXT NOT NULL,
  day INTEGER NOT NULL,
  scan TEXT NOT NULL,
  probes INTEGER NOT NULL,
  PRIMARY KEY (caller, day, scan)
) WITHOUT ROWID;

CREATE TABLE places (
  caller TEXT NOT NULL,
  scan TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (caller, scan)
) WITHOUT ROWID;
`;
