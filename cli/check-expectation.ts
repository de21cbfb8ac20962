import { readFile } from 'node:fs/promises';
import { errorValue } from '../shared/domain/errors.ts';
import type { Report } from '../shared/domain/report.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import { type Expectation, type Strictness, violationLine, violations } from '../shared/report/expectations/expect.ts';
import { isExpectFile, parseExpect, parseExpectFile } from '../shared/report/expectations/parse-expect.ts';
import type { TimeFormat } from '../shared/report/formats/time.ts';
import type { CliContext } from './context.ts';
import type { ScanOptions } from './scan-options.ts';

/** What `--expect` says; null where it is not given. */
export async function readExpectation({ expect, expectExact }: ScanOptions): Promise<Result<Expectation | null>> {
  if (expect === undefined) {
    if (!expectExact) return ok(null);
    const hint = 'Add --expect with the ports that should be open.';
    return err(errorValue('OPTIONS_CONFLICT', '--expect-exact says how exact, but not what is expected.', { hint }));
  }
  if (!isExpectFile(expect)) return parseExpect(expect, '--expect');
  try {
    return await parseExpectFile(await readFile(expect, 'utf8'), expect);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(errorValue('EXPECTATION_UNREADABLE', `${expect} cannot be read: ${why}.`));
  }
}

/** Names everything that is not as expected on standard error; true when all is. */
export async function isAsExpected(
  report: Report,
  expectation: Expectation,
  strictness: Strictness,
  timeFormat: TimeFormat,
  ctx: CliContext,
): Promise<boolean> {
  let asExpected = true;
  for await (const violation of violations(report, expectation, strictness)) {
    asExpected = false;
    ctx.stderr.write(`portfleet: ${violationLine(violation, timeFormat)}\n`);
  }
  return asExpected;
}
