import { type ScanLine, scanListSchema } from '../../shared/api/resources/scan-line.ts';
import { scanOf, scanSchema } from '../../shared/api/resources/scan-resource.ts';
import { orThrow } from '../../shared/domain/or-throw.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { epochMillis } from '../../shared/domain/units.ts';
import { summaryOfRecord } from '../../shared/records/stored-summary.ts';
import { openIn, type ScanHead, type ScanRow } from '../deployment.ts';
import { type ApiClient, allPages } from './api-client.ts';

/** The largest page that the API gives. */
const LARGEST_PAGE = 100;

/** Lines of the list, newest first, page after page. */
async function* lines(client: ApiClient, page: number): AsyncGenerator<ScanLine, void, void> {
  const read = async (cursor: string | null) => {
    const query = new URLSearchParams({ limit: `${page}`, ...(cursor !== null && { cursor }) });
    return orThrow(await client.ask(scanListSchema, { method: 'GET', path: `/scans?${query}` }));
  };
  for await (const { items } of allPages(read)) yield* items;
}

/** Heads of all scans, page after page. */
export async function* remoteHeads(client: ApiClient): AsyncGenerator<ScanHead, void, void> {
  for await (const line of lines(client, LARGEST_PAGE)) yield headOf(line);
}

const headOf = ({ scanId, name, submittedAt, status, targets, moreTargets, ports }: ScanLine): ScanHead => ({
  id: scanId,
  label: name ?? null,
  submittedAt: epochMillis(Date.parse(submittedAt)),
  status,
  targets,
  moreTargets,
  ports,
});

/** How far a scan is, and what it found. */
export async function remoteRow(client: ApiClient, head: ScanHead): Promise<ScanRow> {
  const { probes, done, summary } = await readScan(client, head.id);
  return { ...head, planned: probes, done, open: summary && openIn(summaryOfRecord(summary)) };
}

const readScan = async (client: ApiClient, id: string) =>
  orThrow(await client.ask(scanSchema, { method: 'GET', path: `/scans/${id}` }));

/** The latest scans that are over and named this target. A line may not show every target: then the scan itself is read. */
export async function listLatest(client: ApiClient, target: string, most: number): Promise<readonly Scan[]> {
  const found: Scan[] = [];
  for await (const line of lines(client, LARGEST_PAGE)) {
    if (found.length === most) break;
    const mayName = line.targets.includes(target) || line.moreTargets > 0;
    if (line.finishedAt === null || !mayName) continue;
    const scan = scanOf(await readScan(client, line.scanId));
    if (scan.request.targets.includes(target)) found.push(scan);
  }
  return found;
}
