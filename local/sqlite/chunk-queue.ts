import { MAX_DELIVERIES } from '../../shared/domain/limits.ts';
import type { ChunkMessage } from '../../shared/domain/scan.ts';
import { type ChunkNumber, type Millis, millis, type ScanId } from '../../shared/domain/units.ts';
import type { ChunkQueue, Delivery, Outgoing } from '../../shared/seams/chunk-queue.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Database } from './open-database.ts';

/**
 * The queue of one scan over one SQLite file. It hands out messages of that scan only, in order within a group; a
 * group that any scan of the file has in flight stays closed to all of them.
 *
 *             receive                    delete
 *   visible ───────────▶ in flight ─────────────────▶ gone
 *      ▲  │                  │
 *      │  │ receive, for the │ release, or
 *      │  │ sixth time       │ the visibility timeout is over
 *      │  └─▶ dead letter    │
 *      └─────────────────────┘
 *
 * visible    invisible_until ≤ now. Delivered next when it is the head of its group and the group is not in flight.
 * in flight  invisible_until > now. Nothing else marks it, so nothing has to clean up after a worker that dies.
 *
 * A time further away than any delivery lasts was written by a clock that has been set back since: that message is visible.
 */
export function makeSqliteChunkQueue(
  db: Database,
  scanId: ScanId,
  clock: Pick<Clock, 'wall'>,
  { maxDeliveries = MAX_DELIVERIES, longestVisibility = A_DAY }: QueueBounds = {},
): ChunkQueue {
  const sql = statements(db);
  return {
    send: async (messages) => {
      for (let from = 0; from < messages.length; from += SEND_BATCH) {
        db.immediate(() => send(sql, messages.slice(from, from + SEND_BATCH)));
      }
    },
    receive: async (limit, visibility) =>
      // The clock is read inside: a time taken before the wait for the lock may be older than a delivery made meanwhile.
      db.immediate(() =>
        receive(sql, { scanId, limit, visibility, now: clock.wall(), maxDeliveries, longestVisibility }),
      ),
    delete: async ({ receipt }) => db.immediate(() => remove(sql, receipt)),
    extend: async ({ receipt }, visibility) => {
      const now = clock.wall();
      sql.extend.run(now + visibility, ...receiptParts(receipt), now);
    },
    release: async ({ receipt }) => {
      sql.release.run(...receiptParts(receipt));
    },
    takeDeadLetters: async (limit) =>
      sql.takeDeadLetters.all(scanId, limit).map(({ chunk }) => ({ scanId, chunk: chunk as ChunkNumber })),
    depth: async () => sql.depth.get(scanId)?.depth ?? 0,
  };
}

/** What is expected of messages in flight; whoever uses the queue knows how long a delivery lasts. */
export interface QueueBounds {
  readonly maxDeliveries?: number | undefined;
  readonly longestVisibility?: Millis | undefined;
}

const A_DAY = millis(24 * 3_600_000);

/** Messages in one transaction: some 10 ms, in which the workers wait for the lock. */
const SEND_BATCH = 1_000;

interface Head {
  readonly id: number;
  readonly chunk: number;
  readonly message_group: string;
  readonly deliveries: number;
}

interface Removed {
  readonly scan: string;
  readonly message_group: string;
}

type Statements = ReturnType<typeof statements>;

function statements(db: Database) {
  return {
    ...sending(db),
    ...receiving(db),
    depth: db.prepare<{ depth: number }>('SELECT count(*) AS depth FROM messages WHERE scan = ?'),
  };
}

const sending = (db: Database) => ({
  insert: db.prepare(
    `INSERT INTO messages (scan, chunk, message_group, deduplication_key, head)
     SELECT ?1, ?2, ?3, ?4, NOT EXISTS (SELECT 1 FROM messages WHERE scan = ?1 AND message_group = ?3)
     WHERE true ON CONFLICT (deduplication_key) DO NOTHING`,
  ),
});

const receiving = (db: Database) => ({
  heads: db.prepare<Head>(
    `SELECT id, chunk, message_group, deliveries FROM messages AS candidate
     WHERE scan = ?1 AND head = 1 AND (invisible_until <= ?2 OR invisible_until > ?4)
       AND NOT EXISTS (SELECT 1 FROM messages AS other
                       WHERE other.message_group = candidate.message_group
                         AND other.invisible_until > 0 AND other.invisible_until > ?2
                         AND other.invisible_until <= ?4)
     ORDER BY id LIMIT ?3`,
  ),
  take: db.prepare('UPDATE messages SET invisible_until = ?, deliveries = deliveries + 1 WHERE id = ?'),
  // Only while it is in flight: once it is visible, its group may be in other hands.
  extend: db.prepare('UPDATE messages SET invisible_until = ? WHERE id = ? AND deliveries = ? AND invisible_until > ?'),
  release: db.prepare('UPDATE messages SET invisible_until = 0 WHERE id = ? AND deliveries = ?'),
  remove: db.prepare<Removed>('DELETE FROM messages WHERE id = ? AND deliveries = ? RETURNING scan, message_group'),
  promote: db.prepare(
    `UPDATE messages SET head = 1
     WHERE id = (SELECT id FROM messages WHERE scan = ? AND message_group = ? ORDER BY id LIMIT 1)`,
  ),
  addDeadLetter: db.prepare('INSERT INTO dead_letters (scan, chunk) SELECT scan, chunk FROM messages WHERE id = ?'),
  takeDeadLetters: db.prepare<{ chunk: number }>(
    `DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE scan = ? ORDER BY id LIMIT ?)
     RETURNING chunk`,
  ),
});

function send(sql: Statements, messages: readonly Outgoing[]): void {
  for (const { message, group, deduplicationKey } of messages) {
    sql.insert.run(message.scanId, message.chunk, group, deduplicationKey);
  }
}

interface Wanted {
  readonly scanId: ScanId;
  readonly limit: number;
  readonly visibility: Millis;
  readonly now: number;
  readonly maxDeliveries: number;
  readonly longestVisibility: Millis;
}

function receive(sql: Statements, wanted: Wanted): Delivery[] {
  const { scanId, limit, visibility, now, maxDeliveries, longestVisibility } = wanted;
  const deliveries: Delivery[] = [];
  while (deliveries.length < limit) {
    const heads = sql.heads.all(scanId, now, limit - deliveries.length, now + longestVisibility);
    for (const head of heads) {
      if (head.deliveries >= maxDeliveries) {
        // Its successor becomes a head, which is why the heads are looked up again.
        sql.addDeadLetter.run(head.id);
        remove(sql, receiptOf(head.id, head.deliveries));
        continue;
      }
      sql.take.run(now + visibility, head.id);
      deliveries.push(deliveryOf(head, { scanId, chunk: head.chunk as ChunkNumber }));
    }
    if (heads.every((head) => head.deliveries < maxDeliveries)) break;
  }
  return deliveries;
}

const deliveryOf = ({ id, message_group, deliveries }: Head, message: ChunkMessage): Delivery => ({
  message,
  group: message_group,
  receipt: receiptOf(id, deliveries + 1),
  receiveCount: deliveries + 1,
});

/** The message and the number of its delivery: the next delivery has another receipt, and this one no longer fits. */
const receiptOf = (id: number, delivery: number): string => `${id}.${delivery}`;

function receiptParts(receipt: string): [id: number, delivery: number] {
  const [id = 0, delivery = 0] = receipt.split('.').map(Number);
  return [id, delivery];
}

/** Takes the message away, and makes the next one of its scan in its group the head. */
function remove(sql: Statements, receipt: string): void {
  const removed = sql.remove.get(...receiptParts(receipt));
  if (removed) sql.promote.run(removed.scan, removed.message_group);
}

/** Messages of a scan that are in flight, each in the hands of a worker. */
export const chunksHeld = (db: Database, scan: ScanId, clock: Pick<Clock, 'wall'>): number =>
  db
    .prepare<{ held: number }>('SELECT count(*) AS held FROM messages WHERE scan = ? AND invisible_until > ?')
    .get(scan, clock.wall())?.held ?? 0;

/**
 * Deletes every message of a scan, in flight or not. Only for the holder of the scan's lease, before it sends the
 * missing chunks again: messages in flight are then held by workers that are gone.
 */
export function emptyQueue(db: Database, scan: ScanId): void {
  const messages = db.prepare('DELETE FROM messages WHERE scan = ?');
  const deadLetters = db.prepare('DELETE FROM dead_letters WHERE scan = ?');
  db.immediate(() => {
    messages.run(scan);
    deadLetters.run(scan);
  });
}
