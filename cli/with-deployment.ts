import { availableParallelism } from 'node:os';
import type { Fault } from '../shared/domain/errors.ts';
import type { Scan } from '../shared/domain/scan.ts';
import type { Deployment } from './deployment.ts';
import { endpointOf } from './endpoint.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { faultText } from './error-text.ts';
import { localDeployment } from './local-deployment.ts';
import type { KeptOptions } from './scan-options.ts';
import type { Surroundings } from './context.ts';

/**
 * Works with the deployment that the options name, and closes it whatever happens. What speaks to a fleet is loaded only
 * for one: a scan of this machine must not wait for it. (The other way round, loading this machine's part when it is
 * called for cuts the bundle in twice as many files, which costs every scan 10 ms.)
 *
 * @param workers worker processes, should the deployment be this machine
 */
export async function withDeployment(
  options: KeptOptions,
  around: Surroundings,
  work: (deployment: Deployment) => Promise<ExitCode>,
  workers: number = availableParallelism(),
): Promise<ExitCode> {
  const deployment = await openDeployment(options, workers, around);
  try {
    return await work(deployment);
  } finally {
    await deployment.close();
  }
}

async function openDeployment(options: KeptOptions, workers: number, around: Surroundings): Promise<Deployment> {
  const endpoint = endpointOf(options, around);
  if (endpoint === undefined) return localDeployment(options, workers, around);
  const { remoteDeployment } = await import('./remote/remote-deployment.ts');
  return remoteDeployment(endpoint, options, around);
}

/** The same, with the one scan whose id begins as written. */
export function withScan(
  prefix: string,
  options: KeptOptions,
  around: Surroundings,
  work: (scan: Scan, deployment: Deployment) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withDeployment(options, around, async (deployment) => {
    const found = await deployment.findScan(prefix);
    return found.ok ? work(found.value, deployment) : refuse(found.faults, around);
  });
}

/** Tells every fault of what the user wrote; nothing was started. */
export function refuse(faults: readonly Fault[], { stderr }: Surroundings): ExitCode {
  for (const each of faults) stderr.write(faultText(each));
  return EXIT.usage;
}
