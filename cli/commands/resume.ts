import { errorValue } from '../../shared/domain/errors.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { carryOut, mayWriteReports, readAftermath } from '../carry-out.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { parseWorkers } from '../local-deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { withDeployment } from '../with-deployment.ts';

/** `portfleet resume`: goes on with a scan that was interrupted, or whose chunks failed, and probes only what is not settled yet. */
export async function resume(prefix: string, options: CommandOptions<'resume'>, ctx: CliContext): Promise<ExitCode> {
  const [aftermath, workers] = [await readAftermath(options), parseWorkers(options.workers)];
  if (!aftermath.ok || !workers.ok) {
    return refuse(
      [aftermath, workers].flatMap((result) => (result.ok ? [] : result.errors)),
      ctx,
    );
  }
  return withDeployment(
    { ...options, endpoint: 'local' },
    ctx,
    async (deployment) => {
      const found = await deployment.findScan(prefix);
      if (!found.ok) return refuse(found.errors, ctx);
      const { id, status } = found.value;
      const scan = isOver(status) ? await deployment.takeUpFailed(found.value) : found.value;
      if (!scan) {
        return refuse([errorValue('SCAN_OVER', `Scan ${id} is ${status}: there is nothing to go on with.`)], ctx);
      }
      if (!(await mayWriteReports(aftermath.value, options, ctx))) return EXIT.failed;
      return carryOut(scan, aftermath.value, deployment, 'again', options, ctx);
    },
    workers.value,
  );
}
