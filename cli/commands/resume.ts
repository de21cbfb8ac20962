import { fault } from '../../shared/domain/errors.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import type { ExitCode } from '../exit-codes.ts';
import { followScan } from '../follow-scan.ts';
import { parseWorkers } from '../local-fleet.ts';
import { parseFormat } from '../report-output.ts';
import type { RunOptions } from '../scan-options.ts';
import type { Surroundings } from '../surroundings.ts';
import { refuse, withScan } from '../with-station.ts';

/** `portfleet resume`: goes on with a scan that was interrupted, and asks only what is not settled yet. */
export async function resume(prefix: string, options: RunOptions, around: Surroundings): Promise<ExitCode> {
  const [format, workers] = [parseFormat(options.format), parseWorkers(options.workers)];
  if (!format.ok || !workers.ok) {
    return refuse(
      [format, workers].flatMap((result) => (result.ok ? [] : result.faults)),
      around,
    );
  }
  return withScan(prefix, options, around, async (scan, station) => {
    if (isOver(scan.status)) {
      return refuse([fault('SCAN_OVER', `Scan ${scan.id} is ${scan.status}: there is nothing to go on with.`)], around);
    }
    const how = { start: 'again', workers: workers.value, format: format.value } as const;
    return (await followScan(scan, station, how, options, around)).code;
  });
}
