import * as z from 'zod/mini';
import { ok } from '../../domain/result.ts';
import { PORT_STATES } from '../../domain/verdict.ts';
import { type Listing, listPorts as portsOf } from '../../usecases/list-ports.ts';
import { scanOfPath } from '../find-scan.ts';
import { readQuery, wholeNumberField } from '../read-query.ts';
import { portListSchema, portResource } from '../resources/port-resource.ts';
import type { Route } from '../route.ts';

const LISTINGS: readonly Listing[] = [...PORT_STATES, 'unprobed', 'pending'];

/** A thousand items take some 200 KB. */
const MOST_ITEMS = 1_000;

const ANY = LISTINGS.map((listing) => listing.replace('|', '\\|')).join('|');

const QUERY = {
  state: {
    schema: z.string().check(z.regex(new RegExp(`^(?:${ANY})(?:,(?:${ANY}))*$`))),
    takes: `states between commas, of ${LISTINGS.join(', ')}`,
  },
  cursor: { schema: z.string().check(z.regex(/^\d{1,9}\.\d{1,9}$/)), takes: 'the cursor of the page before' },
  limit: wholeNumberField('ports and runs of ports on a page', MOST_ITEMS),
};

export const listPorts: Route = {
  method: 'GET',
  path: '/scans/{id}/ports',
  id: 'listPorts',
  summary: 'The ports of a scan, page by page, also while it runs: open ports one by one, all others in runs.',
  query: QUERY,
  answers: [{ status: 200, description: 'A page of ports.', schema: portListSchema }],
  errors: ['SCAN_NOT_FOUND', 'FIELD_UNKNOWN', 'FIELD_UNREADABLE'],
  async handle(context, deps) {
    const query = readQuery(context.req.url, QUERY);
    if (!query.ok) return query;
    const scan = await scanOfPath(context, deps);
    if (!scan.ok) return scan;
    const { state, cursor, limit = MOST_ITEMS } = query.value;
    const listings = state === undefined ? null : new Set(state.split(',') as Listing[]);
    const [chunk = 0, offset = 0] = (cursor ?? '0.0').split('.').map(Number);
    const page = await portsOf(scan.value, deps.store, { listings, from: { chunk, offset }, limit });
    const { next, reverseNames } = page;
    return ok(
      context.json({
        items: page.items.map(portResource),
        ...(Object.keys(reverseNames).length > 0 && { reverseNames }),
        cursor: next && `${next.chunk}.${next.offset}`,
      }),
    );
  },
};
