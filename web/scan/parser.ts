import { parseRequest, type RawRequest } from '../../shared/request/parse-request.ts';
import { JSON_FIELDS } from '../../shared/request/request-fields.ts';
import type { ApiFault } from '../data/api.ts';

/**
 * What the command's own parser says of a request, in the shape of the API's faults. It is loaded with the first key
 * that is typed into the form: who only looks at scans does not pay for it.
 */
export function parserFaults(request: RawRequest): readonly ApiFault[] {
  const parsed = parseRequest(request, JSON_FIELDS);
  if (parsed.ok) return [];
  return parsed.errors.map(({ code, detail, hint, at }) => ({ code, detail, mend: hint, ...(at && { at }) }));
}
