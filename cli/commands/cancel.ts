import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { KeptOptions } from '../scan-options.ts';
import type { Surroundings } from '../context.ts';
import { refuse, withScan } from '../with-deployment.ts';

/** `portfleet cancel`: the workers of the scan, wherever they run, stop at once. */
export function cancel(prefix: string, options: KeptOptions, around: Surroundings): Promise<ExitCode> {
  return withScan(prefix, options, around, async (scan, deployment) => {
    const cancelled = await deployment.cancel(scan);
    if (!cancelled.ok) return refuse(cancelled.faults, around);
    around.stdout.write(`Scan ${scan.id} is cancelled. What was found stays: portfleet show ${scan.id}\n`);
    return EXIT.done;
  });
}
