import type { ErrorValue, Place } from '../../shared/domain/errors.ts';
import type { RawRequest } from '../../shared/request/parse-request.ts';
import { COMMAND_LINE_FIELDS, type FieldNames, JSON_FIELDS } from '../../shared/request/request-fields.ts';

/** The request as the API takes it. What was not given stays out; of a target only its words go. */
export function requestBody({ targets, exclude, ...raw }: RawRequest): Readonly<Record<string, unknown>> {
  const words = (list: RawRequest['targets']) =>
    list.map((target) => (typeof target === 'string' ? target : target.text));
  return { ...raw, targets: words(targets), ...(exclude && exclude.length > 0 && { exclude: words(exclude) }) };
}

/** A error of the API, with its place in the user's own words: "--ports" for "ports", "hosts.txt:3" for "targets". */
export function inUsersWords(found: ErrorValue, { targets }: RawRequest): ErrorValue {
  const { at } = found;
  return at ? { ...found, at: { ...at, field: fieldOf(at, targets) } } : found;
}

function fieldOf({ field, text }: Place, targets: RawRequest['targets']): string {
  const named = Object.keys(JSON_FIELDS).find(
    (name): name is keyof FieldNames => JSON_FIELDS[name as keyof FieldNames] === field,
  );
  if (!named) return field;
  if (named !== 'targets') return COMMAND_LINE_FIELDS[named];
  const source = targets.find((target) => typeof target !== 'string' && target.text === text);
  return typeof source === 'object' ? source.field : COMMAND_LINE_FIELDS.targets;
}
