import { errorValue } from '../../shared/domain/errors.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { followScan } from '../follow-scan.ts';
import { parseWorkers } from '../local-fleet.ts';
import { parseFormat } from '../report-output.ts';
import type { FollowOptions } from '../scan-options.ts';
import { refuse, withDeployment } from '../with-deployment.ts';

/** `portfleet resume`: goes on with a scan that was interrupted, and asks only what is not settled yet. */
export async function resume(prefix: string, options: FollowOptions, ctx: CliContext): Promise<ExitCode> {
  const [format, workers] = [parseFormat(options.format), parseWorkers(options.workers)];
  if (!format.ok || !workers.ok) {
    return refuse(
      [format, workers].flatMap((result) => (result.ok ? [] : result.errors)),
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
      if (isOver(status)) {
        return refuse([errorValue('SCAN_OVER', `Scan ${id} is ${status}: there is nothing to go on with.`)], ctx);
      }
      return (await followScan(found.value, deployment, { start: 'again', format: format.value }, options, ctx)).code;
    },
    workers.value,
  );
}
