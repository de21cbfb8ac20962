import { availableParallelism } from 'node:os';
import type { ErrorValue } from '../shared/domain/errors.ts';
import type { Scan } from '../shared/domain/scan.ts';
import type { CliContext } from './context.ts';
import type { Deployment } from './deployment.ts';
import { endpointOf } from './endpoint.ts';
import { errorText } from './error-text.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { localDeployment } from './local-deployment.ts';
import type { KeptOptions } from './scan-options.ts';

/**
 * Works with the deployment that the options name, and closes it whatever happens. What speaks to a fleet is loaded only
 * for one: a scan of this machine must not wait for it. (The other way round, loading this machine's part when it is
 * called for cuts the bundle in twice as many files, which costs every scan 10 ms.)
 *
 * @param workers worker processes, should the deployment be this machine
 */
export async function withDeployment(
  options: KeptOptions,
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

async function openDeployment(options: KeptOptions, workers: number, ctx: CliContext): Promise<Deployment> {
  const endpoint = endpointOf(options, ctx);
  if (endpoint === undefined) return localDeployment(options, workers, ctx);
  const { remoteDeployment } = await import('./remote/remote-deployment.ts');
  return remoteDeployment(endpoint, options, ctx);
}

/** The same, with the one scan whose id begins as written. */
export function withScan(
  prefix: string,
  options: KeptOptions,
  ctx: CliContext,
  work: (scan: Scan, deployment: Deployment) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withDeployment(options, ctx, async (deployment) => {
    const found = await deployment.findScan(prefix);
    return found.ok ? work(found.value, deployment) : refuse(found.errors, ctx);
  });
}

/** Tells every error of what the user wrote; nothing was started. */
export function refuse(errors: readonly ErrorValue[], { stderr }: CliContext): ExitCode {
  for (const each of errors) stderr.write(errorText(each));
  return EXIT.usage;
}
