import type { Context } from 'hono';
import { errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Scan } from '../domain/scan.ts';
import { scanId } from '../domain/units.ts';
import type { ApiDeps } from './api-deps.ts';

/** The scan whose whole id stands in the path, or in a parameter. */
export async function findScanById({ store }: Pick<ApiDeps, 'store'>, text: string): Promise<Result<Scan>> {
  const id = scanId(text);
  const scan = id && (await store.readScan(id));
  return scan ? ok(scan) : err(errorValue('SCAN_NOT_FOUND', `There is no scan "${text}".`, { hint: LIST_THEM }));
}

const LIST_THEM = 'See GET /scans for the scans there are; an id has 26 letters and digits.';

/** The scan that the path names. */
export const scanOfPath = (context: Context, deps: ApiDeps): Promise<Result<Scan>> =>
  findScanById(deps, context.req.param('id') ?? '');
