import type { ScanId } from '../../shared/domain/units.ts';
import type { Database } from './open-database.ts';

/**
 * Takes every message of a scan off the queue, in whosever hands it is. Only for the holder of the scan's lease, before
 * it sends the missing chunks anew: the hands are then those of workers that are gone.
 */
export function emptyQueue(db: Database, scan: ScanId): void {
  const messages = db.prepare('DELETE FROM messages WHERE scan = ?');
  const deadLetters = db.prepare('DELETE FROM dead_letters WHERE scan = ?');
  db.immediate(() => {
    messages.run(scan);
    deadLetters.run(scan);
  });
}
