import * as z from 'zod/mini';
import { API_SECONDS } from '../../domain/limits.ts';
import { err, ok, type Result } from '../../domain/result.ts';
import { millis } from '../../domain/units.ts';
import { SCAN_NAME } from '../../request/scan-name.ts';
import { acceptScan, type Submission } from '../../usecases/accept-scan.ts';
import { planScan } from '../../usecases/plan-scan.ts';
import { fingerprint } from '../fingerprint.ts';
import { readBody } from '../read-body.ts';
import { readQuery, unreadableParameter } from '../read-query.ts';
import { acceptedResource, acceptedSchema } from '../resources/accepted-resource.ts';
import type { Route } from '../route.ts';
import { readScanRequest, scanRequestSchema } from '../scan-request.ts';

const QUERY = {
  dryRun: {
    schema: z.enum(['true', 'false']),
    takes: '"true" to learn the plan and start nothing',
  },
  name: {
    schema: z.string().check(z.regex(SCAN_NAME)),
    takes: 'what the scan is called: "nightly"',
  },
};

const KEY = 'Idempotency-Key';

/** Random keys have some 36 characters; more than 200 are never needed, and none needs to be escaped. */
const KEY_TEXT = /^[\x21-\x7e]{1,200}$/;

export const submitScan: Route = {
  method: 'POST',
  path: '/scans',
  id: 'submitScan',
  summary: 'Submits a scan. Answers at once; the scan goes on by itself.',
  query: QUERY,
  headers: [
    {
      name: KEY,
      description:
        'A fresh random text for each new request. A repeat under the same key within 24 hours gives the scan that the first one made.',
      schema: z.string().check(z.regex(KEY_TEXT)),
    },
  ],
  body: scanRequestSchema,
  answers: [
    { status: 202, description: 'The scan is under way; `Location` says where.', schema: acceptedSchema },
    { status: 200, description: 'The plan, for a dry run.', schema: acceptedSchema },
  ],
  errors: [
    ...(['BODY_UNREADABLE', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED', 'FIELD_UNKNOWN', 'FIELD_UNREADABLE'] as const),
    ...(['TARGET_UNREADABLE', 'TARGET_UNRESOLVED', 'RESOLVER_UNAVAILABLE'] as const),
    ...(['TARGET_NONE', 'TARGET_FORBIDDEN'] as const),
    ...(['PORTS_UNREADABLE', 'PORT_OUT_OF_RANGE', 'PORT_RANGE_REVERSED', 'PORT_NAME_UNKNOWN', 'PORTS_NONE'] as const),
    ...(['OPTION_UNREADABLE', 'OPTIONS_CONFLICT', 'TOO_MANY_PROBES'] as const),
    ...(['KEY_REUSED', 'PROBES_SPENT', 'TOO_MANY_SCANS'] as const),
  ],
  async handle(context, deps) {
    const query = readQuery(context.req.url, QUERY);
    const key = readKey(context.req.header(KEY));
    const body = await readBody(context.req.raw);
    const request = body.ok ? readScanRequest(body.value) : body;
    if (!query.ok || !key.ok || !request.ok) {
      return err(...[query, key, request].flatMap((result) => (result.ok ? [] : result.errors)));
    }
    const planning = { ...deps, resolveWithin: RESOLVE_WITHIN };
    if (query.value.dryRun === 'true') {
      const planned = await planScan(request.value, planning);
      return planned.ok ? ok(context.json(acceptedResource(planned.value, null, deps), 200)) : planned;
    }
    const submission: Submission = {
      request: request.value,
      submitter: deps.submitterOf(context.env),
      label: query.value.name,
      key: key.value === null ? null : { name: key.value, fingerprint: await fingerprint(request.value.raw) },
    };
    const accepted = await acceptScan(submission, planning);
    if (!accepted.ok) return accepted;
    const { scan, isRepeat } = accepted.value;
    const headers = { location: `/scans/${scan.id}`, ...(isRepeat && { 'idempotency-replayed': 'true' }) };
    return ok(context.json(acceptedResource(scan, scan.id, deps), 202, headers));
  },
};

/** Of the time that one request has, half for looking up its names: planning and storing take a second or two. */
const RESOLVE_WITHIN = millis((API_SECONDS * 1_000) / 2);

function readKey(text: string | undefined): Result<string | null> {
  if (text === undefined) return ok(null);
  return KEY_TEXT.test(text) ? ok(text) : err(unreadableParameter(KEY, text, '1 to 200 visible ASCII characters'));
}
