import { availableParallelism } from 'node:os';
import type { Scan } from '../shared/domain/scan.ts';
import type { CliContext, ExitCode } from './context.ts';
import type { Deployment } from './deployment.ts';
import { localDeployment } from './local-deployment.ts';
import type { StoredOptions } from './options/command-table.ts';
import type { OptionsOf } from './options/option-table.ts';
import { refuse } from './output/error-text.ts';

/** The endpoint that --endpoint or PORTFLEET_ENDPOINT names; undefined for this machine, which "local" names too. */
export function endpointOf({ endpoint }: StoredOptions, { env }: CliContext): string | undefined {
  const said = endpoint ?? env['PORTFLEET_ENDPOINT'];
  return said === undefined || said === '' || said === 'local' ? undefined : said;
}

/**
 * Works with the deployment that the options name, and closes it whatever happens. What speaks to a fleet is loaded only
 * for one: a scan of this machine must not wait for it. (The other way round, loading this machine's part when it is
 * called for cuts the bundle in twice as many files, which costs every scan 10 ms.)
 *
 * @param workers worker processes, should the deployment be this machine
 */
export async function withDeployment(
  options: StoredOptions & OptionsOf<'verbose'>,
  ctx: CliContext,
  work: (deployment: Deployment) => Promise<ExitCode>,
  workers: number = availableParallelism(),
): Promise<ExitCode> {
  const deployment = await openDeployment(options, workers, ctx);
  try {
    return await work(deployment);
  } finally {
    await deployment.close();
  }
}

async function openDeployment(
  options: StoredOptions & OptionsOf<'verbose'>,
  workers: number,
  ctx: CliContext,
): Promise<Deployment> {
  const endpoint = endpointOf(options, ctx);
  if (endpoint === undefined) return localDeployment(options, workers, ctx);
  const { remoteDeployment } = await import('./remote/remote-deployment.ts');
  return remoteDeployment(endpoint, options, ctx);
}

/** The same, with the one scan whose id begins as written. */
export function withScan(
  prefix: string,
  options: StoredOptions,
  ctx: CliContext,
  work: (scan: Scan, deployment: Deployment) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withDeployment(options, ctx, async (deployment) => {
    const found = await deployment.findScan(prefix);
    return found.ok ? work(found.value, deployment) : refuse(found.errors, ctx);
  });
}
