import { errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Scan } from '../domain/scan.ts';
import type { ScanId } from '../domain/units.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** The letters of a ULID; a prefix with another is of no scan. */
const ULID_LETTERS = /^[0-9A-HJKMNP-TV-Z]{1,26}$/;

/** Up to two things whose ids begin so, in whatever form their list has them. */
type Lookup<Item> = (prefix: string) => Promise<readonly Item[]>;

/** The one whose id begins with `prefix`, in either case; an error unless there is exactly one. */
export async function findByPrefix<Item extends { readonly id: ScanId }>(
  lookup: Lookup<Item>,
  prefix: string,
): Promise<Result<Item>> {
  const wanted = prefix.trim().toUpperCase();
  const [first, second] = ULID_LETTERS.test(wanted) ? await lookup(wanted) : [];
  if (!first) return err(errorValue('SCAN_NOT_FOUND', `No scan has an id that begins with "${prefix}".`));
  if (!second) return ok(first);
  return err(errorValue('SCAN_ID_AMBIGUOUS', `"${prefix}" is the beginning of ${first.id} and of ${second.id}.`));
}

/** The scan of a store whose id begins with `prefix`. */
export const findScan = (store: Pick<ScanStore, 'listScans'>, prefix: string): Promise<Result<Scan>> =>
  findByPrefix(async (wanted) => (await store.listScans({ limit: 2, prefix: wanted })).items, prefix);
