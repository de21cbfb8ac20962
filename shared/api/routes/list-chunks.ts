import * as z from 'zod/mini';
import { ok } from '../../domain/result.ts';
import { listChunks as chunksOf } from '../../usecases/list-chunks.ts';
import { scanOfPath } from '../find-scan.ts';
import { readQuery, wholeNumberField } from '../read-query.ts';
import { chunkListSchema, chunkResource } from '../resources/chunk-resource.ts';
import type { Route } from '../route.ts';

/** Sixty-four chunks without a worker take two reads each, half a second on DynamoDB. */
const MOST_CHUNKS = 64;

const QUERY = {
  from: {
    schema: z.string().check(z.regex(/^\d{1,9}$/)),
    takes: 'the number of the first chunk: 0',
  },
  limit: wholeNumberField('chunks on a page', MOST_CHUNKS),
};

export const listChunks: Route = {
  method: 'GET',
  path: '/scans/{id}/chunks',
  id: 'listChunks',
  summary: 'The chunks of a scan as they stand, for a reader that draws every port: verdicts in runs, and open ports.',
  query: QUERY,
  answers: [{ status: 200, description: 'A page of chunks.', schema: chunkListSchema }],
  errors: ['SCAN_NOT_FOUND', 'FIELD_UNKNOWN', 'FIELD_UNREADABLE'],
  async handle(context, deps) {
    const query = readQuery(context.req.url, QUERY);
    if (!query.ok) return query;
    const scan = await scanOfPath(context, deps);
    if (!scan.ok) return scan;
    const { from = '0', limit = MOST_CHUNKS } = query.value;
    const { items, next } = await chunksOf(scan.value, deps.store, { from: Number(from), limit });
    return ok(context.json({ items: items.map(chunkResource), next }));
  },
};
