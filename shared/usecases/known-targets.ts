import type { Scan } from '../domain/scan.ts';
import type { ScanId } from '../domain/units.ts';
import { makeTargetStates, type TargetStates } from '../engine/target/target-state.ts';

/** Scans whose targets a worker remembers: a fleet works on a few at a time, a process of one machine on one. */
const SCANS_REMEMBERED = 8;

/** What a worker knows of the targets of each scan, from one chunk to the next. */
export function makeKnownTargets(): (scan: Scan) => TargetStates {
  const known = new Map<ScanId, TargetStates>();
  return (scan) => {
    const found = known.get(scan.id) ?? makeTargetStates(scan.plan.timing, scan.plan.geometry.lanes);
    // Put in again, it is the youngest.
    known.delete(scan.id);
    known.set(scan.id, found);
    const [oldest] = known.keys();
    if (known.size > SCANS_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return found;
  };
}
