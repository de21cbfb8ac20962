import * as z from 'zod/mini';
import { compareAddresses } from '../../domain/addresses/address-line.ts';
import { err } from '../../domain/result.ts';
import type { Scan } from '../../domain/scan.ts';
import { DIFF_FORMATS, formatDiff } from '../../report/diff/diff-format.ts';
import { type DiffSide, diffScans } from '../../report/diff/diff-scans.ts';
import { hostReports } from '../../usecases/host-reports.ts';
import { type ApiDeps, wholeStore } from '../api-deps.ts';
import { chooseFormat } from '../choose-format.ts';
import { documentResponse } from '../document-response.ts';
import { findScanById, scanOfPath } from '../find-scan.ts';
import { formatOptions, formatQuery } from '../format-query.ts';
import { readQuery, unreadableParameter } from '../read-query.ts';
import type { Route } from '../route.ts';

const FROM = { schema: z.string(), takes: 'the whole id of the earlier scan', isRequired: true } as const;
const QUERY = { ...formatQuery(DIFF_FORMATS), from: FROM };

export const getDiff: Route = {
  method: 'GET',
  path: '/scans/{id}/diff',
  id: 'getDiff',
  summary: 'What changed since the scan "from": only where both scans probed.',
  query: QUERY,
  headers: [{ name: 'Accept', description: 'A media type of the formats below.' }],
  answers: [
    {
      status: 200,
      description: `The difference. Formats: ${Object.keys(DIFF_FORMATS).join(', ')}.`,
      mediaTypes: Object.values(DIFF_FORMATS).map(({ mediaType }) => mediaType),
    },
  ],
  errors: ['SCAN_NOT_FOUND', 'FIELD_UNKNOWN', 'FIELD_UNREADABLE', 'FORMAT_NOT_ACCEPTABLE', 'REPORT_TOO_LARGE'],
  async handle(context, deps) {
    const query = readQuery(context.req.url, QUERY);
    if (!query.ok) return query;
    const { from, ...how } = query.value;
    if (from === undefined) return err(unreadableParameter('from', '', FROM.takes));
    const format = chooseFormat(DIFF_FORMATS, { format: how.format, accept: context.req.header('Accept') }, 'json');
    if (!format.ok) return format;
    const [before, after] = [await findScanById(deps, from), await scanOfPath(context, deps)];
    if (!before.ok || !after.ok) return err(...[before, after].flatMap((found) => (found.ok ? [] : found.errors)));
    const diff = diffScans(sideOf(before.value, deps), sideOf(after.value, deps), compareAddresses);
    const { mediaType } = DIFF_FORMATS[format.value];
    return documentResponse(formatDiff(format.value, diff, formatOptions(how, context.req.path, deps)), {
      mediaType,
      fileName: `portfleet-${before.value.id}-${after.value.id}`,
      mostBytes: deps.mostAnswerBytes,
    });
  },
};

const sideOf = (scan: Scan, deps: ApiDeps): DiffSide => ({
  label: scan.id,
  scan,
  hosts: hostReports(scan, wholeStore(deps)),
});
