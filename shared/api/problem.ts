import * as z from 'zod/mini';
import { ERRORS, type ErrorCode, type Fault, fault } from '../domain/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** The codes of the table, each with what it means, as a schema that documents itself. */
const codeSchema = z.enum(CODES).check(
  z.meta({
    id: 'ErrorCode',
    description: CODES.map((code) => `- \`${code}\`: ${ERRORS[code].title} ${ERRORS[code].mend}`).join('\n'),
  }),
);

const faultSchema = z
  .object({
    code: codeSchema,
    title: z.string(),
    detail: z.string().check(z.meta({ description: 'What is wrong here, in particular.' })),
    mend: z.string().check(z.meta({ description: 'What to do about it.' })),
    at: z
      .optional(z.object({ field: z.string(), text: z.string(), start: z.int(), end: z.int() }))
      .check(z.meta({ description: 'The field, its text as it was sent, and the part of it that is wrong.' })),
  })
  .check(z.meta({ id: 'Fault' }));

/** A problem after RFC 9457: its own members tell the first fault, `faults` tells them all. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().check(z.meta({ description: 'The path that was asked for.' })),
    code: codeSchema,
    faults: z.array(faultSchema).check(z.minLength(1)),
  })
  .check(z.meta({ id: 'Problem' }));

export type Problem = z.infer<typeof problemSchema>;

/** The problem that these faults make, as an answer to a request for `path`. The status is that of the first fault. */
export function problemResponse(
  faults: readonly Fault[],
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const first = faults[0] ?? fault('UNEXPECTED', 'Nobody knows what went wrong.');
  const { status, title } = ERRORS[first.code];
  const problem: Problem = {
    type: `urn:portfleet:error:${first.code}`,
    title,
    status,
    detail: first.detail,
    instance: path,
    code: first.code,
    faults: (faults.length > 0 ? faults : [first]).map((each) => ({ ...each, title: ERRORS[each.code].title })),
  };
  return new Response(JSON.stringify(problem), { status, headers: { 'content-type': PROBLEM_TYPE, ...headers } });
}
