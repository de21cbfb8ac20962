import { FORMATS, formatReport } from '../../report/formats/format.ts';
import { readReport } from '../../usecases/read-report.ts';
import { wholeStore } from '../api-deps.ts';
import { chooseFormat } from '../choose-format.ts';
import { documentResponse } from '../document-response.ts';
import { scanOfPath } from '../find-scan.ts';
import { formatOptions, formatQuery, OPEN_QUERY } from '../format-query.ts';
import { readQuery } from '../read-query.ts';
import type { Route } from '../route.ts';

const QUERY = { ...formatQuery(FORMATS), ...OPEN_QUERY };

export const getReport: Route = {
  method: 'GET',
  path: '/scans/{id}/report',
  id: 'getReport',
  summary: 'The whole report, as far as it is known, in the format that "format" or "Accept" names.',
  query: QUERY,
  headers: [{ name: 'Accept', description: 'A media type of the formats below.' }],
  answers: [
    {
      status: 200,
      description: `The report. Formats: ${Object.keys(FORMATS).join(', ')}.`,
      mediaTypes: Object.values(FORMATS).map(({ mediaType }) => mediaType),
    },
  ],
  errors: ['SCAN_NOT_FOUND', 'FIELD_UNKNOWN', 'FIELD_UNREADABLE', 'FORMAT_NOT_ACCEPTABLE', 'REPORT_TOO_LARGE'],
  async handle(context, deps) {
    const query = readQuery(context.req.url, QUERY);
    if (!query.ok) return query;
    const wanted = { format: query.value.format, accept: context.req.header('Accept') };
    const format = chooseFormat(FORMATS, wanted, 'json');
    if (!format.ok) return format;
    const scan = await scanOfPath(context, deps);
    if (!scan.ok) return scan;
    const report = await readReport({ ...deps, store: wholeStore(deps) }, scan.value);
    const { mediaType, extension } = FORMATS[format.value];
    return documentResponse(formatReport(format.value, report, formatOptions(query.value, context.req.path, deps)), {
      mediaType,
      fileName: `portfleet-${scan.value.id}${extension}`,
      mostBytes: deps.mostAnswerBytes,
    });
  },
};
