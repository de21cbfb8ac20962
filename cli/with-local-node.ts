import { dataDir } from '../local/data-dir.ts';
import { openStation, type Station } from '../local/local-node.ts';
import type { ExitCode } from './exit-codes.ts';
import type { KeptOptions } from './scan-options.ts';
import type { Surroundings } from './context.ts';

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
