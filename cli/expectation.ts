import { errorValue } from '../shared/domain/errors.ts';
import type { Report } from '../shared/domain/report.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import { type Expectation, type Expected, violationLine, violations } from '../shared/report/expectations/expect.ts';
import { isExpectFile, parseExpect, parseExpectFile } from '../shared/report/expectations/parse-expect.ts';
import { printable } from '../shared/report/formats/printable.ts';
import { addUpPorts } from './commands/scan-request.ts';
import type { CliContext } from './context.ts';
import type { ScanOptions } from './options/command-table.ts';
import { timeFormatOf } from './output/report-output.ts';
import { readText } from './read-text.ts';

/** What `--expect` says; null where it is not given. */
export async function readExpected(options: ScanOptions): Promise<Result<Expected | null>> {
  const expectation = await readExpectation(options);
  if (!expectation.ok) return expectation;
  if (expectation.value === null) return ok(null);
  const file = options.expect?.find(isExpectFile);
  const strictness = options.expectExact ? 'exactly' : 'at-most';
  return ok({ expectation: expectation.value, strictness, ...(file !== undefined && { file }) });
}

async function readExpectation({ expect = [], expectExact }: ScanOptions): Promise<Result<Expectation | null>> {
  const [first, second] = expect;
  if (first === undefined) {
    if (!expectExact) return ok(null);
    const hint = 'Add --expect with the ports that should be open.';
    return err(errorValue('OPTIONS_CONFLICT', '--expect-exact says how exact, but not what is expected.', { hint }));
  }
  const file = expect.find(isExpectFile);
  if (file === undefined) {
    const ports = addUpPorts(
      expect.map((text) => ({ text, field: '--expect' })),
      undefined,
    );
    return ports.ok ? parseExpect(ports.value ?? '', '--expect') : ports;
  }
  if (second !== undefined) {
    return err(errorValue('OPTIONS_CONFLICT', `"${file}" says all that is expected; --expect names more beside it.`));
  }
  try {
    return await parseExpectFile(await readText(file), file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(errorValue('EXPECTATION_UNREADABLE', `${file} cannot be read: ${why}.`));
  }
}

/**
 * Names everything that is not as expected on standard error; true when all is. In a workflow of GitHub each is an
 * annotation of the run too.
 */
export async function isAsExpected(
  report: Report,
  expected: Expected,
  options: ScanOptions,
  ctx: CliContext,
): Promise<boolean> {
  const timeFormat = timeFormatOf(options);
  let asExpected = true;
  for await (const violation of violations(report, expected)) {
    asExpected = false;
    const line = violationLine(violation, timeFormat);
    await ctx.stderr.write(`portfleet: ${line}\n`);
    await annotate('error', 'Port not as expected', line, ctx);
  }
  return asExpected;
}

/** A line that GitHub shows beside the run; nothing elsewhere. */
export async function annotate(
  level: 'error' | 'warning',
  title: string,
  text: string,
  ctx: CliContext,
): Promise<void> {
  if (ctx.env['GITHUB_ACTIONS'] !== 'true') return;
  const data = printable(text).replaceAll('%', '%25');
  await ctx.stderr.write(`::${level} title=${title}::${data}\n`);
}
