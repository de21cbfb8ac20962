import { expect } from 'vitest';
import type { Fault } from '../../shared/domain/errors.ts';
import type { Result } from '../../shared/domain/result.ts';

/** The value of a result that must have one; else the test fails with its faults. */
export function valid<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  return expect.fail(result.faults.map(({ code, detail }) => `${code}: ${detail}`).join('\n'));
}

/** A fault as a test compares it: its code, the words it points at, and what mends it. */
export type Blame = readonly [code: Fault['code'], pointsAt: string | undefined, mend: string];

/** The faults of a result that must have some. */
export function blames(result: Result<unknown>): Blame[] {
  if (result.ok) return expect.fail(`no fault in ${JSON.stringify(result.value)}`);
  return result.faults.map(({ code, at, mend }) => [code, at?.text.slice(at.start, at.end), mend]);
}
