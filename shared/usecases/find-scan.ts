import { fault } from '../domain/errors.ts';
import { faulty, ok, type Result } from '../domain/result.ts';
import type { Scan } from '../domain/scan.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** The letters of a ULID; a prefix with another is of no scan. */
const ULID_LETTERS = /^[0-9A-HJKMNP-TV-Z]{1,26}$/;

/** The scan whose id begins with `prefix`, in either case; a fault unless there is exactly one. */
export async function findScan(store: ScanStore, prefix: string): Promise<Result<Scan>> {
  const wanted = prefix.trim().toUpperCase();
  const { items } = ULID_LETTERS.test(wanted) ? await store.listScans({ limit: 2, prefix: wanted }) : { items: [] };
  const [first, second] = items;
  if (!first) return faulty(fault('SCAN_NOT_FOUND', `No scan has an id that begins with "${prefix}".`));
  if (!second) return ok(first);
  return faulty(fault('SCAN_ID_AMBIGUOUS', `"${prefix}" is the beginning of ${first.id} and of ${second.id}.`));
}
