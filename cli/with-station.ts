import { dataDir } from '../local/data-dir.ts';
import { openStation, type Station } from '../local/station.ts';
import type { Fault } from '../shared/domain/errors.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { findScan } from '../shared/usecases/find-scan.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { faultText } from './fault-text.ts';
import type { KeptOptions } from './scan-options.ts';
import type { Surroundings } from './surroundings.ts';

/** Opens the store of this user, and closes it whatever happens. */
export async function withStation(
  options: KeptOptions,
  around: Surroundings,
  work: (station: Station) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { env, platform, home } = around;
  const station = openStation(dataDir({ flag: options.dataDir, env, platform, home }));
  try {
    return await work(station);
  } finally {
    await station.close();
  }
}

/** The same, with the one scan whose id begins as written. */
export function withScan(
  prefix: string,
  options: KeptOptions,
  around: Surroundings,
  work: (scan: Scan, station: Station) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withStation(options, around, async (station) => {
    const found = await findScan(station.store, prefix);
    return found.ok ? work(found.value, station) : refuse(found.faults, around);
  });
}

/** Tells every fault of what the user wrote; nothing was started. */
export function refuse(faults: readonly Fault[], { stderr }: Surroundings): ExitCode {
  for (const each of faults) stderr.write(faultText(each));
  return EXIT.usage;
}
