import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { parseFormat, printReport } from '../output/report-output.ts';
import { withScan } from '../with-deployment.ts';

/** `portfleet show`: the report of one scan, as far as it is known. */
export async function show(prefix: string, options: CommandOptions<'show'>, ctx: CliContext): Promise<ExitCode> {
  const format = parseFormat(options.format);
  if (!format.ok) return refuse(format.errors, ctx);
  return withScan(prefix, options, ctx, async (scan, deployment) => {
    await printReport(await deployment.readReport(scan), format.value, options, ctx);
    return EXIT.done;
  });
}

/** `portfleet cancel`: the workers of the scan, wherever they run, stop at once. */
export function cancel(prefix: string, options: CommandOptions<'cancel'>, ctx: CliContext): Promise<ExitCode> {
  return withScan(prefix, options, ctx, async (scan, deployment) => {
    const cancelled = await deployment.cancel(scan);
    if (!cancelled.ok) return refuse(cancelled.errors, ctx);
    await ctx.stdout.write(`Scan ${scan.id} is cancelled. What was found stays: portfleet show ${scan.id}\n`);
    return EXIT.done;
  });
}
