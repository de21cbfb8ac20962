import { expect } from 'vitest';
import type { ErrorValue } from '../../shared/domain/errors.ts';
import type { Result } from '../../shared/domain/result.ts';

/** The value of a result that must have one; else the test fails with its errors. */
export function valid<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  return expect.fail(result.errors.map(({ code, detail }) => `${code}: ${detail}`).join('\n'));
}

/** A error as a test compares it: its code, the words it points at, and what mends it. */
export type Blame = readonly [code: ErrorValue['code'], pointsAt: string | undefined, hint: string];

/** The errors of a result that must have some. */
export function errorsOf(result: Result<unknown>): readonly ErrorValue[] {
  return result.ok ? expect.fail(`no error in ${JSON.stringify(result.value)}`) : result.errors;
}

/** The same, as a test compares them. */
export function blames(result: Result<unknown>): Blame[] {
  return errorsOf(result).map(({ code, at, hint }) => [code, at?.text.slice(at.start, at.end), hint]);
}
