import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { type Millis, millis, type ScanId } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Database } from './open-database.ts';

/** The right to run a scan, which one process at a time has. */
export interface ScanLease {
  /**
   * Says that this process still runs the scan; to be called every `LEASE_HEARTBEAT`.
   *
   * @throws PortfleetError STORE_GONE
   */
  heartbeat(): void;
  release(): void;
}

export const LEASE_HEARTBEAT: Millis = millis(2_000);

/** Five heartbeats: a process that was stopped, or swapped out, for longer has lost the scan and must find that out. */
const LEASE_LENGTH = 5 * LEASE_HEARTBEAT;

type LeaseClock = Pick<Clock, 'wall'>;

/** The process that runs the scan just now; undefined where none does, or the one that did is gone or silent. */
export function leaseHolder(db: Database, scan: ScanId, clock: LeaseClock): number | undefined {
  const held = db.prepare<{ pid: number; beat_at: number }>('SELECT pid, beat_at FROM leases WHERE scan = ?').get(scan);
  return held && Math.abs(clock.wall() - held.beat_at) < LEASE_LENGTH && isAlive(held.pid) ? held.pid : undefined;
}

/**
 * Takes the lease of a scan, also from a process that died with it. A heartbeat from a time that is yet to come was written
 * by a clock that has been set back since, and says nothing: a holder that lives writes the next one within 2 s.
 *
 * @throws PortfleetError SCAN_ALREADY_RUNNING
 */
export function takeLease(db: Database, scan: ScanId, pid: number, clock: LeaseClock): ScanLease {
  const hold = db.prepare('INSERT OR REPLACE INTO leases (scan, pid, beat_at) VALUES (?, ?, ?)');
  const renew = db.prepare('UPDATE leases SET beat_at = ? WHERE scan = ? AND pid = ?');
  const remove = db.prepare('DELETE FROM leases WHERE scan = ? AND pid = ?');
  db.immediate(() => {
    const holder = leaseHolder(db, scan, clock);
    if (holder !== undefined && holder !== pid) {
      throw new PortfleetError([errorValue('SCAN_ALREADY_RUNNING', `Scan ${scan} is being run by process ${holder}.`)]);
    }
    hold.run(scan, pid, clock.wall());
  });
  return {
    heartbeat() {
      db.refuseGone();
      renew.run(clock.wall(), scan, pid);
    },
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
