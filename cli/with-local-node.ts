import { dataDir } from '../local/data-dir.ts';
import { type LocalNode, openLocalNode } from '../local/local-node.ts';
import type { CliContext } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import type { KeptOptions } from './scan-options.ts';

/** Opens the store of this user, and closes it whatever happens. */
export async function withLocalNode(
  options: KeptOptions,
  ctx: CliContext,
  work: (node: LocalNode) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { env, platform, home } = ctx;
  const node = openLocalNode(dataDir({ flag: options.dataDir, env, platform, home }));
  try {
    return await work(node);
  } finally {
    await node.close();
  }
}
