import { createInterface } from 'node:readline/promises';
import { errorValue } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { DEFAULT_TIMING, TIMING_TEMPLATES } from '../../shared/domain/timing-template.ts';
import type { ParsedRequest } from '../../shared/request/parse-request.ts';
import { type Aftermath, carryOut, mayWriteReports, readAftermath } from '../carry-out.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { parseWorkers } from '../local-deployment.ts';
import type { ScanOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { printPlan } from '../output/plan-text.ts';
import { endpointOf, withDeployment } from '../with-deployment.ts';
import { readScanRequest, splitTargets } from './scan-request.ts';

/** `portfleet scan`: submits a scan and follows it to its end. Bad input starts nothing. */
export async function scan(words: readonly string[], typed: ScanOptions, ctx: CliContext): Promise<ExitCode> {
  const { targets, options } = await completeByAsking(words, typed, ctx);
  const [aftermath, workers] = [await readAftermath(options), parseWorkers(options.workers)];
  const [request, place] = [await readScanRequest(targets, options, ctx), checkPlace(options, ctx)];
  if (!request.ok || !aftermath.ok || !workers.ok || !place.ok) {
    const errors = [aftermath, workers, request, place].flatMap((result) => (result.ok ? [] : result.errors));
    return refuse(errors, ctx);
  }
  if (!options.dryRun && !(await mayWriteReports(aftermath.value, options, ctx))) return EXIT.failed;
  return withDeployment(
    options,
    ctx,
    (deployment) => submit(request.value, aftermath.value, deployment, options, ctx),
    workers.value,
  );
}

async function submit(
  request: ParsedRequest,
  aftermath: Aftermath,
  deployment: Deployment,
  options: ScanOptions,
  ctx: CliContext,
): Promise<ExitCode> {
  if (options.dryRun) {
    const planned = await deployment.plan(request);
    return planned.ok ? printPlan(planned.value, ctx) : refuse(planned.errors, ctx);
  }
  const submitted = await deployment.submit(request);
  if (!submitted.ok) return refuse(submitted.errors, ctx);
  if (options.noWait) return leave(submitted.value, deployment, ctx);
  return carryOut(submitted.value, aftermath, deployment, 'anew', options, ctx);
}

/** The id alone goes to standard output, for scripts that come back later. */
async function leave({ id }: Scan, deployment: Deployment, ctx: CliContext): Promise<ExitCode> {
  await ctx.stdout.write(`${id}\n`);
  await ctx.stderr.write(`${deployment.partingWords(id)}\n`);
  return EXIT.done;
}

/** Options that only the one, or only the other kind of deployment knows. */
function checkPlace(options: ScanOptions, ctx: CliContext): Result<void> {
  const isHere = endpointOf(options, ctx) === undefined;
  if (isHere && options.noWait) {
    const hint = 'Name the fleet that goes on with the scan with --endpoint.';
    return err(errorValue('OPTIONS_CONFLICT', '--no-wait leaves a scan that only this command carries out.', { hint }));
  }
  if (isHere || options.workers === undefined) return ok(undefined);
  return err(errorValue('OPTIONS_CONFLICT', '--workers is for this machine, and --endpoint for a fleet.'));
}

interface Completed {
  readonly targets: readonly string[];
  readonly options: ScanOptions;
}

/** Without a word on a terminal, the program asks for what it needs, like the one it replaces. */
async function completeByAsking(targets: readonly string[], options: ScanOptions, ctx: CliContext): Promise<Completed> {
  if (ctx.words.length > 0 || !ctx.stdin.isTTY) return { targets, options };
  const questions = createInterface({ input: ctx.stdin, output: process.stderr, terminal: true });
  const seconds = TIMING_TEMPLATES[DEFAULT_TIMING].initialRttTimeout / 1_000;
  try {
    const target = await questions.question('Target (name, address, block or range): ');
    const timeout = (await questions.question(`Timeout of one probe in seconds [${seconds}, adapting]: `)).trim();
    return { targets: splitTargets(target), options: { ...options, ...(timeout !== '' && { timeout }) } };
  } finally {
    questions.close();
  }
}
