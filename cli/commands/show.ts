import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { parseFormat, printReport } from '../report-output.ts';
import type { ReportOptions } from '../scan-options.ts';
import { refuse, withScan } from '../with-deployment.ts';

/** `portfleet show`: the report of one scan, as far as it is known. */
export async function show(prefix: string, options: ReportOptions, ctx: CliContext): Promise<ExitCode> {
  const format = parseFormat(options.format);
  if (!format.ok) return refuse(format.errors, ctx);
  return withScan(prefix, options, ctx, async (scan, deployment) => {
    await printReport(await deployment.readReport(scan), format.value, options, ctx);
    return EXIT.done;
  });
}
