import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { type Millis, millis, type ScanId } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Database } from './open-database.ts';

/** The right to run a scan, which one process at a time has. */
export interface ScanLease {
  /** Says that this process still runs the scan; to be called every `LEASE_HEARTBEAT`. */
  heartbeat(): void;
  release(): void;
}

export const LEASE_HEARTBEAT: Millis = millis(2_000);

/** Five heartbeats: a process that was stopped, or swapped out, for longer has lost the scan and must find that out. */
const LEASE_LENGTH = 5 * LEASE_HEARTBEAT;

/**
 * Takes the lease of a scan, also from a process that died with it.
 *
 * @throws PortfleetError SCAN_ALREADY_RUNNING
 */
export function takeLease(db: Database, scan: ScanId, pid: number, clock: Pick<Clock, 'wall'>): ScanLease {
  const holder = db.prepare<{ pid: number; beat_at: number }>('SELECT pid, beat_at FROM leases WHERE scan = ?');
  const hold = db.prepare('INSERT OR REPLACE INTO leases (scan, pid, beat_at) VALUES (?, ?, ?)');
  const renew = db.prepare('UPDATE leases SET beat_at = ? WHERE scan = ? AND pid = ?');
  const remove = db.prepare('DELETE FROM leases WHERE scan = ? AND pid = ?');
  db.immediate(() => {
    const now = clock.wall();
    const held = holder.get(scan);
    if (held && held.pid !== pid && now - held.beat_at < LEASE_LENGTH && isAlive(held.pid)) {
      throw new PortfleetError([
        errorValue('SCAN_ALREADY_RUNNING', `Scan ${scan} is being run by process ${held.pid}.`),
      ]);
    }
    hold.run(scan, pid, now);
  });
  return {
    heartbeat: () => void renew.run(clock.wall(), scan, pid),
    release: () => void remove.run(scan, pid),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
