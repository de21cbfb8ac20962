import * as z from 'zod/mini';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Field } from './scan-request.ts';

/** The parameters that a query may have; each schema reads a string, and may make something else of it. */
export type QueryFields = Readonly<Record<string, Field>>;

export type Query<Fields extends QueryFields> = { readonly [Name in keyof Fields]?: z.infer<Fields[Name]['schema']> };

/** The parameters of a query; every error at once. A parameter that stands there twice is none that can be read. */
export function readQuery<Fields extends QueryFields>(url: string, fields: Fields): Result<Query<Fields>> {
  const errors: ErrorValue[] = [];
  const read: Record<string, unknown> = {};
  const parameters = new URL(url).searchParams;
  for (const name of new Set(parameters.keys())) {
    const field = fields[name];
    const text = parameters.getAll(name).join('&');
    if (!field || !Object.hasOwn(fields, name)) {
      errors.push(errorValue('FIELD_UNKNOWN', `There is no parameter "${name}".`));
      continue;
    }
    const parsed = field.schema.safeParse(text);
    if (parsed.success) read[name] = parsed.data;
    else errors.push(unreadableParameter(name, text, field.takes));
  }
  return errors.length > 0 ? err(...errors) : ok(read as Query<Fields>);
}

/** The error of a parameter, or a header, whose value cannot be read. */
export function unreadableParameter(name: string, text: string, takes: string): ErrorValue {
  const at = { field: name, text, start: 0, end: text.length };
  return errorValue('FIELD_UNREADABLE', `"${name}" cannot be "${text}".`, { at, hint: `Write ${takes}.` });
}

/** A parameter that counts: a whole number from 1 to `most`, without sign, spaces or exponent. */
export const wholeNumberField = (of: string, most: number) => ({
  // The limits stand in the pattern: a parameter is a text, and the description of the API tells of no others.
  schema: z.pipe(z.string().check(z.regex(upTo(String(most)))), z.transform(Number)),
  takes: `how many ${of}, from 1 to ${most}`,
});

/** Numbers from 1 to one with more than one digit: those with fewer digits, those with a lower one in some place, itself. */
function upTo(most: string): RegExp {
  const lower = [...most].flatMap((digit, place) => {
    const least = place === 0 ? 1 : 0;
    const below = Number(digit) - 1;
    return below < least ? [] : [`${most.slice(0, place)}[${least}-${below}]\\d{${most.length - place - 1}}`];
  });
  return new RegExp(`^(?:[1-9]\\d{0,${most.length - 2}}|${[...lower, most].join('|')})$`);
}
