import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { KeptOptions } from '../scan-options.ts';
import { refuse, withScan } from '../with-deployment.ts';

/** `portfleet cancel`: the workers of the scan, wherever they run, stop at once. */
export function cancel(prefix: string, options: KeptOptions, ctx: CliContext): Promise<ExitCode> {
  return withScan(prefix, options, ctx, async (scan, deployment) => {
    const cancelled = await deployment.cancel(scan);
    if (!cancelled.ok) return refuse(cancelled.errors, ctx);
    ctx.stdout.write(`Scan ${scan.id} is cancelled. What was found stays: portfleet show ${scan.id}\n`);
    return EXIT.done;
  });
}
