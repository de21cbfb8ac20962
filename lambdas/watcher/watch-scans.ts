import { ok } from '../../shared/domain/result.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { parseRequest } from '../../shared/request/parse-request.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { type AcceptDeps, acceptScan } from '../../shared/usecases/accept-scan.ts';
import type { WatchScans } from '../../shared/usecases/advance-watch.ts';
import { compactScan } from '../../shared/usecases/compact-scan.ts';
import { readReport } from '../../shared/usecases/read-report.ts';
import { WATCH_MEMBERS } from '../../shared/watch/watch-fields.ts';
import type { ScanLinks } from '../aws/dynamo/scan-links.ts';

export interface DeployedScansDeps extends AcceptDeps {
  readonly store: ScanStore;
  /** The store for going through all chunks of a scan, made for each. */
  readonly wholeStore: () => ScanStore;
  readonly links: ScanLinks;
}

/**
 * The scans of watches in a deployment: submitted as a caller's are, in the name and on the quota of whoever added the
 * watch. The id that the watch's record has for the scan is its idempotency key, so however often and by whomever a scan
 * is started, it is planned, paid for and sent once.
 */
export const makeDeployedWatchScans = ({ links, wholeStore, ...deps }: DeployedScansDeps): WatchScans => ({
  async start(watch, request, id) {
    const parsed = parseRequest(request, WATCH_MEMBERS);
    if (!parsed.ok) return parsed;
    await links.write(id, watch.id);
    const submitter = { caller: watch.owner, sourceAddress: null };
    const key = { name: `${watch.id}/${id}`, fingerprint: id };
    const accepted = await acceptScan({ request: parsed.value, submitter, key }, { ...deps, newId: () => id });
    return accepted.ok ? ok(undefined) : accepted;
  },
  read: (id) => deps.store.readScan(id),
  report: (scan) => readReport({ store: wholeStore(), clock: deps.clock }, scan),
  compact: (scan) => compactScan(scan, deps.store),
  async discard(id) {
    const scan = await deps.store.readScan(id);
    if (scan && isOver(scan.status)) await deps.store.deleteScan(id);
    await links.remove(id);
  },
});
