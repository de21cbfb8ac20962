import type { Scan } from '../domain/scan.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** Scans looked at on one page. */
const PAGE = 50;

/** The latest scans that are over and named this target, as it was written then, newest first; at most `most`. */
export async function latestScansOf(store: ScanStore, target: string, most: number): Promise<readonly Scan[]> {
  const found: Scan[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.listScans({ limit: PAGE, ...(cursor && { cursor }) });
    found.push(
      ...page.items.filter(({ request, finishedAt }) => finishedAt !== null && request.targets.includes(target)),
    );
    cursor = page.cursor;
  } while (cursor && found.length < most);
  return found.slice(0, most);
}
