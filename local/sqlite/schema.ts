/**
 * The tables, as the steps that make them: step n brings a file from `user_version` n to n + 1. A step that was ever
 * released is never edited; the next change is a new step.
 *
 * scans      `plan` holds what never changes (request, names, plan), as JSON. Everything else of a scan hangs on its
 *            row, so a deleted scan takes all of it along, and a worker that comes too late cannot write to it.
 * findings   what versions before `open_ports` stored, one row an open port; read, and no longer written.
 *            `details` holds what service detection found (product, banner, TLS), as JSON.
 * coverage   `pending` is a column of its own because it decides whether a record may be replaced.
 * tree       the completion tree: one row a slot that is done, so that adding a slot is an insert that may already be
 *            there.
 * learnt     timing hints: what workers share about a target that several chunks probe.
 * leases     which process runs a scan: one that is gone, or sent no heartbeat for too long, has lost it.
 * messages   the queue. `id` is AUTOINCREMENT: a number never comes back, so an old receipt cannot name a new message.
 *            Delivered messages are invisible until `invisible_until` (wall clock, as several processes compare it).
 *            `head` is 1 for the first message of its scan in its group: the only one that may be delivered. Receiving
 *            then reads the heads alone, and does not search through everything that waits behind them.
 */
const FIRST = `
CREATE TABLE scans (
  id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  plan TEXT NOT NULL,
  summary TEXT,
  submitted_at INTEGER NOT NULL,
  finished_at INTEGER
);

CREATE TABLE findings (
  scan TEXT NOT NULL REFERENCES scans(id) ON DELETE CASCADE,
  chunk INTEGER NOT NULL,
  address TEXT NOT NULL,
  protocol TEXT NOT NULL,
  port INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  service TEXT NOT NULL,
  method TEXT NOT NULL,
  identified INTEGER NOT NULL,
  details TEXT,
  seen_at INTEGER NOT NULL,
  rtt REAL NOT NULL,
  attempt INTEGER NOT NULL,
  PRIMARY KEY (scan, chunk, address, protocol, port)
) WITHOUT ROWID;

CREATE TABLE coverage (
  scan TEXT NOT NULL REFERENCES scans(id) ON DELETE CASCADE,
  chunk INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (scan, chunk)
);

CREATE TABLE tree (
  scan TEXT NOT NULL REFERENCES scans(id) ON DELETE CASCADE,
  level INTEGER NOT NULL,
  node INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (scan, level, node, slot)
) WITHOUT ROWID;

CREATE TABLE learnt (
  scan TEXT NOT NULL REFERENCES scans(id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  smoothed_rtt REAL NOT NULL,
  rtt_variation REAL NOT NULL,
  attempts INTEGER NOT NULL,
  asks_at_once INTEGER,
  PRIMARY KEY (scan, address)
) WITHOUT ROWID;

CREATE TABLE leases (
  scan TEXT PRIMARY KEY REFERENCES scans(id) ON DELETE CASCADE,
  pid INTEGER NOT NULL,
  beat_at INTEGER NOT NULL
);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scan TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  message_group TEXT NOT NULL,
  deduplication_key TEXT NOT NULL UNIQUE,
  head INTEGER NOT NULL,
  invisible_until INTEGER NOT NULL DEFAULT 0,
  deliveries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX messages_in_order ON messages (scan, message_group, id);
CREATE INDEX heads ON messages (scan, id) WHERE head = 1;
CREATE INDEX in_flight ON messages (message_group, invisible_until) WHERE invisible_until > 0;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  scan TEXT NOT NULL,
  chunk INTEGER NOT NULL
);
CREATE INDEX dead_letters_in_order ON dead_letters (scan, id);
`;

/**
 * What is remembered of callers. None of it hangs on a scan: a scan that was deleted has still used up its probes.
 *
 * idempotency_keys  what a key was first used for, for as long as `KEY_LIFETIME`
 * daily_probes      one row a scan: the probes it took of its caller's UTC day (days since 1970)
 * places            the scans that a caller has under way, as far as it was looked up
 */
const CALLER_TABLES = `
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

/**
 * watches           one row a watch. `attention` is when it is due to be looked at (see `attentionAt`); the index
 *                   over it is what makes the look at ten thousand watches a look at those that are due.
 * watch_hosts       what a watch knows of one host; written only when something about the host changes.
 * watch_deliveries  messages on their way. `next_try` is null once one is over.
 *
 * `record` holds the whole value as JSON (of a host deflated, since there is `open_ports`), and `version` decides
 * whether a write was made from what is stored.
 */
const WATCH_TABLES = `
CREATE TABLE watches (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  attention INTEGER,
  record TEXT NOT NULL
);
CREATE INDEX watches_due ON watches (attention) WHERE attention IS NOT NULL;

CREATE TABLE watch_hosts (
  watch TEXT NOT NULL,
  host TEXT NOT NULL,
  version INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (watch, host)
) WITHOUT ROWID;

CREATE TABLE watch_deliveries (
  id TEXT PRIMARY KEY,
  watch TEXT NOT NULL,
  version INTEGER NOT NULL,
  next_try INTEGER,
  created_at INTEGER NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX deliveries_due ON watch_deliveries (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX deliveries_of_watch ON watch_deliveries (watch, created_at, id);
`;

/**
 * coverage.idle   deliveries of the chunk in a row that settled nothing
 * scans.failure   why a scan ended as failed
 */
const IDLE_AND_FAILURE = `
ALTER TABLE coverage ADD COLUMN idle INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scans ADD COLUMN failure TEXT;
`;

/** By which ports other workers may hear a target. */
const CONTROL_PORTS = `
ALTER TABLE learnt ADD COLUMN closed_port INTEGER;
ALTER TABLE learnt ADD COLUMN open_port INTEGER;
ALTER TABLE learnt ADD COLUMN heard_at INTEGER;
`;

/**
 * open_ports   findings of one chunk that were stored together, in the order of their ids (see `packColumns`). A row for
 *              each port took ten times as much.
 */
const OPEN_PORTS = `
CREATE TABLE open_ports (
  id INTEGER PRIMARY KEY,
  scan TEXT NOT NULL REFERENCES scans(id) ON DELETE CASCADE,
  chunk INTEGER NOT NULL,
  record BLOB NOT NULL
);
CREATE INDEX open_ports_of_chunk ON open_ports (scan, chunk);
`;

/** scans.reopened_by   whose call opened the scan again */
const REOPENED_BY = `
ALTER TABLE scans ADD COLUMN reopened_by TEXT;
`;

export const MIGRATIONS: readonly string[] = [
  FIRST + CALLER_TABLES,
  WATCH_TABLES,
  IDLE_AND_FAILURE,
  CONTROL_PORTS,
  OPEN_PORTS,
  REOPENED_BY,
];
