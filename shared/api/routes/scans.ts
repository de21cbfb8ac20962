import * as z from 'zod/mini';
import { errorValue } from '../../domain/errors.ts';
import { err, ok } from '../../domain/result.ts';
import type { Scan } from '../../domain/scan.ts';
import { isOver } from '../../domain/scan-status.ts';
import { cancelScan } from '../../usecases/cancel-scan.ts';
import { readProgress } from '../../usecases/read-progress.ts';
import { resumeScan } from '../../usecases/resume-scan.ts';
import type { ApiDeps } from '../api-deps.ts';
import { findScanById, scanOfPath } from '../find-scan.ts';
import { readQuery, wholeNumberField } from '../read-query.ts';
import { scanLine, scanListSchema } from '../resources/scan-line.ts';
import { scanResource, scanSchema } from '../resources/scan-resource.ts';
import type { Route } from '../route.ts';

const LIST_QUERY = {
  limit: wholeNumberField('scans on a page', 100),
  cursor: { schema: z.string().check(z.minLength(1), z.maxLength(1_024)), takes: 'the cursor of the page before' },
  prefix: {
    schema: z.string().check(z.regex(/^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{1,26}$/)),
    takes: 'the beginning of an id: 01JD',
  },
};

const SCANS_ON_A_PAGE = 20;

export const listScans: Route = {
  method: 'GET',
  path: '/scans',
  id: 'listScans',
  summary: 'The scans there are, newest first.',
  query: LIST_QUERY,
  answers: [{ status: 200, description: 'A page of scans.', schema: scanListSchema }],
  errors: ['FIELD_UNKNOWN', 'FIELD_UNREADABLE'],
  async handle(context, { store }) {
    const query = readQuery(context.req.url, LIST_QUERY);
    if (!query.ok) return query;
    const { limit = SCANS_ON_A_PAGE, cursor, prefix } = query.value;
    const page = await store.listScans({
      limit,
      ...(cursor !== undefined && { cursor }),
      ...(prefix !== undefined && { prefix: prefix.toUpperCase() }),
    });
    return ok(context.json({ items: page.items.map(scanLine), cursor: page.cursor }));
  },
};

async function showScan(scan: Scan, deps: ApiDeps) {
  const workers = isOver(scan.status) ? null : await deps.chunksHeld(scan);
  return scanResource(scan, await readProgress(deps, scan, workers ?? 0), workers);
}

export const getScan: Route = {
  method: 'GET',
  path: '/scans/{id}',
  id: 'getScan',
  summary: 'One scan: its request, its plan, and how far it is.',
  answers: [{ status: 200, description: 'The scan.', schema: scanSchema }],
  errors: ['SCAN_NOT_FOUND'],
  async handle(context, deps) {
    const scan = await scanOfPath(context, deps);
    if (!scan.ok) return scan;
    return ok(context.json(await showScan(scan.value, deps)));
  },
};

export const postCancel: Route = {
  method: 'POST',
  path: '/scans/{id}/cancel',
  id: 'cancelScan',
  summary: 'Stops a scan for good; what was found stays readable.',
  answers: [{ status: 200, description: 'The scan, cancelled.', schema: scanSchema }],
  errors: ['SCAN_NOT_FOUND', 'SCAN_OVER'],
  async handle(context, deps) {
    const scan = await scanOfPath(context, deps);
    if (!scan.ok) return scan;
    const cancelled = await cancelScan(deps, scan.value);
    if (!cancelled.ok) return cancelled;
    const after = await findScanById(deps, scan.value.id);
    return ok(context.json(await showScan(after.ok ? after.value : scan.value, deps)));
  },
};

export const postResume: Route = {
  method: 'POST',
  path: '/scans/{id}/resume',
  id: 'resumeScan',
  summary:
    'Goes on with a scan that stands still, that ended with chunks that failed, or that could not be summed up; probes only what is not settled.',
  answers: [{ status: 202, description: 'The scan, which runs again.', schema: scanSchema }],
  errors: ['SCAN_NOT_FOUND', 'SCAN_OVER', 'SCAN_ALREADY_RUNNING', 'PROBES_SPENT', 'TOO_MANY_SCANS'],
  async handle(context, deps) {
    const scan = await scanOfPath(context, deps);
    if (!scan.ok) return scan;
    const resumed = await resumeScan(deps, scan.value, deps.submitterOf(context.env));
    if (!resumed.ok) return resumed;
    const after = await findScanById(deps, scan.value.id);
    return ok(context.json(await showScan(after.ok ? after.value : scan.value, deps), 202));
  },
};

export const deleteScan: Route = {
  method: 'DELETE',
  path: '/scans/{id}',
  id: 'deleteScan',
  summary: 'Forgets a scan that is over, and all that it found.',
  answers: [{ status: 204, description: 'It is gone.' }],
  errors: ['SCAN_NOT_FOUND', 'SCAN_NOT_OVER'],
  async handle(context, deps) {
    const scan = await scanOfPath(context, deps);
    if (!scan.ok) return scan;
    const { id, status, submittedBy } = scan.value;
    if (!isOver(status)) {
      return err(errorValue('SCAN_NOT_OVER', `Scan ${id} is ${status}.`, { hint: `POST /scans/${id}/cancel first.` }));
    }
    await deps.store.deleteScan(id);
    if (submittedBy) await deps.callers.release(submittedBy.caller, id);
    return ok(context.body(null, 204));
  },
};
