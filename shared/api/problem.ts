import * as z from 'zod/mini';
import { ERRORS, type ErrorCode, type ErrorValue, errorValue } from '../domain/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** The codes of the table, each with what it means, as a schema that documents itself. */
const codeSchema = z.enum(CODES).check(
  z.meta({
    id: 'ErrorCode',
    description: CODES.map((code) => `- \`${code}\`: ${ERRORS[code].title} ${ERRORS[code].hint}`).join('\n'),
  }),
);

const errorSchema = z
  .object({
    code: codeSchema,
    title: z.string(),
    detail: z.string().check(z.meta({ description: 'What is wrong here, in particular.' })),
    mend: z.string().check(z.meta({ description: 'What to do about it.' })),
    at: z
      .optional(z.object({ field: z.string(), text: z.string(), start: z.int(), end: z.int() }))
      .check(z.meta({ description: 'The field, its text as it was sent, and the part of it that is wrong.' })),
  })
  .check(z.meta({ id: 'ErrorValue' }));

/** A problem after RFC 9457: its own members tell the first error, `faults` tells them all. The names
 * `faults` and `mend` are those of the published API; in the code they are errors and hints. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().check(z.meta({ description: 'The path that was asked for.' })),
    code: codeSchema,
    faults: z.array(errorSchema).check(z.minLength(1)),
  })
  .check(z.meta({ id: 'Problem' }));

export type Problem = z.infer<typeof problemSchema>;

/** The problem that these errors make, as an answer to a request for `path`. The status is that of the first error. */
export function problemResponse(
  errors: readonly ErrorValue[],
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const first = errors[0] ?? errorValue('UNEXPECTED', 'What went wrong is not known.');
  const { status, title } = ERRORS[first.code];
  const problem: Problem = {
    type: `urn:portfleet:error:${first.code}`,
    title,
    status,
    detail: first.detail,
    instance: path,
    code: first.code,
    faults: (errors.length > 0 ? errors : [first]).map(({ hint, ...each }) => ({
      ...each,
      title: ERRORS[each.code].title,
      mend: hint,
    })),
  };
  return new Response(JSON.stringify(problem), { status, headers: { 'content-type': PROBLEM_TYPE, ...headers } });
}
