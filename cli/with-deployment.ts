import { availableParallelism } from 'node:os';
import { errorValue } from '../shared/domain/errors.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import type { Scan } from '../shared/domain/scan.ts';
import type { ScanId } from '../shared/domain/units.ts';
import { wholeNumber } from '../shared/request/parse-timing.ts';
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

/** Which scan is meant: words, or `--last` and a target. */
export interface ScanChoice {
  readonly words: string | undefined;
  readonly last?: string | undefined;
}

/** The same, with the one scan that is meant. */
export function withScan(
  choice: ScanChoice,
  options: StoredOptions,
  ctx: CliContext,
  work: (scan: Scan, deployment: Deployment) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withDeployment(options, ctx, async (deployment) => {
    const found = await chooseScan(choice, deployment);
    return found.ok ? work(found.value, deployment) : refuse(found.errors, ctx);
  });
}

/**
 * The scan that `@1` (the newest), a name, or the beginning or the end of an id means. Ids of one day begin alike: their
 * ends tell them apart.
 */
export async function chooseScan({ words: written, last }: ScanChoice, deployment: Deployment): Promise<Result<Scan>> {
  if (last !== undefined) {
    const [latest] = await deployment.latestScans(last, 1);
    return latest ? ok(latest) : err(errorValue('SCAN_NOT_FOUND', `No scan of "${last}" is stored.`));
  }
  // A narrow list shows the end of an id behind this mark, which is copied with it.
  const words = written?.replace(/^\u2026/, '');
  if (words === undefined) {
    const hint = 'Write the id of a scan, its name, @1 for the newest, or --last and a target.';
    return err(errorValue('OPTION_UNREADABLE', 'No scan is named.', { hint }));
  }
  const age = wholeNumber(/^@(\d+)$/.exec(words)?.[1] ?? '', 1, Number.MAX_SAFE_INTEGER);
  if (age !== undefined) return nth(age, deployment);
  const begun = await deployment.findScan(words);
  if (begun.ok || begun.errors.some(({ code }) => code !== 'SCAN_NOT_FOUND')) return begun;
  return (await endingOrNamed(words, deployment)) ?? begun;
}

async function nth(age: number, deployment: Deployment): Promise<Result<Scan>> {
  let counted = 0;
  for await (const { id } of deployment.scanHeads()) if (++counted === age) return deployment.findScan(id);
  return err(errorValue('SCAN_NOT_FOUND', `@${age} is one too far back: ${counted} scans are stored.`));
}

/** Fewer letters than these name a scan by chance: of a thousand scans, two end alike in four of 32 letters. */
const LEAST_ENDING = 4;

async function endingOrNamed(words: string, deployment: Deployment): Promise<Result<Scan> | undefined> {
  const ending = words.length >= LEAST_ENDING ? words.toUpperCase() : undefined;
  const found: ScanId[] = [];
  for await (const { id, label } of deployment.scanHeads()) {
    // Of scans with one name the newest is meant: a nightly scan is called the same every night.
    if (label === words) return deployment.findScan(id);
    if (ending !== undefined && id.endsWith(ending)) found.push(id);
  }
  const [first, second] = found;
  if (first === undefined) return undefined;
  if (second === undefined) return deployment.findScan(first);
  return err(errorValue('SCAN_ID_AMBIGUOUS', `"${words}" is the end of ${first} and of ${second}.`));
}
