import { createInterface } from 'node:readline/promises';
import { errorValue } from '../../shared/domain/errors.ts';
import { withoutLogin } from '../../shared/domain/proxy.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { DEFAULT_TIMING, TIMING_TEMPLATES } from '../../shared/domain/timing-template.ts';
import type { EpochMillis } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { plannedProbes } from '../../shared/plan/split-chunks.ts';
import { durationText } from '../../shared/report/formats/time.ts';
import type { ParsedRequest } from '../../shared/request/parse-request.ts';
import { unreadableOption } from '../../shared/request/parse-timing.ts';
import { SCAN_NAME } from '../../shared/request/scan-name.ts';
import { type Aftermath, carryOut, mayWriteReports, readAftermath } from '../carry-out.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { parseWorkers } from '../local-deployment.ts';
import type { ScanOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { printPlan } from '../output/plan-text.ts';
import { endpointOf, withDeployment } from '../with-deployment.ts';
import { readScanRequest, splitTargets } from './scan-request.ts';
import { AGES, parseAge, pruneOlder } from './stored-scans.ts';

/** `portfleet scan`: submits a scan and follows it to its end. Bad input starts nothing. */
export async function scan(words: readonly string[], typed: ScanOptions, ctx: CliContext): Promise<ExitCode> {
  const at = systemClock.wall();
  const { targets, options } = await completeByAsking(words, typed, ctx);
  const [aftermath, workers] = [await readAftermath(options, at), parseWorkers(options.workers)];
  const [request, place] = [await readScanRequest(targets, options, ctx), checkPlace(options, ctx)];
  if (!request.ok || !aftermath.ok || !workers.ok || !place.ok) {
    const errors = [aftermath, workers, request, place].flatMap((result) => (result.ok ? [] : result.errors));
    return refuse(errors, ctx);
  }
  if (!options.dryRun && !(await mayWriteReports(aftermath.value, options, ctx))) return EXIT.failed;
  return withDeployment(
    options,
    ctx,
    (deployment) => submit({ request: request.value, aftermath: aftermath.value, at }, deployment, options, ctx),
    workers.value,
  );
}

/** A command line that was read. */
interface Wanted {
  readonly request: ParsedRequest;
  readonly aftermath: Aftermath;
  readonly at: EpochMillis;
}

async function submit(
  { request, aftermath, at }: Wanted,
  deployment: Deployment,
  options: ScanOptions,
  ctx: CliContext,
): Promise<ExitCode> {
  const { scanName: label } = options;
  if (label !== undefined && !SCAN_NAME.test(label))
    return refuse([unreadableOption('--name', label, 'up to 64 characters on one line')], ctx);
  if (options.dryRun) {
    const planned = await deployment.plan(request);
    return planned.ok ? printPlan(planned.value, ctx) : refuse(planned.errors, ctx);
  }
  const question = await mayBeMeant(request, deployment, options, ctx);
  if (!question.ok) return refuse(question.errors, ctx);
  if (!question.value) return EXIT.usage;
  const command = { words: [...ctx.words, ...ctx.settingWords].map(withoutLogin), directory: ctx.directory, at };
  const submitted = await deployment.submit(request, { ...(label !== undefined && { label }), command });
  if (!submitted.ok) return refuse(submitted.errors, ctx);
  if (options.noWait) return leave(submitted.value, deployment, ctx);
  const code = await carryOut(submitted.value, aftermath, deployment, 'new', options, ctx);
  const age = options.pruneOlder === undefined ? undefined : parseAge(options.pruneOlder);
  if (age !== undefined) await pruneOlder(age, deployment);
  return code;
}

/** From so many probes on, a block without ports is sooner a habit of nmap's users than a wish: a /28 in full. */
const MANY_PROBES = 1_000_000;

/**
 * Of a block, and not a word on its ports, every port of every address is probed. Who sits at a terminal is asked whether
 * that is meant, and told how long it takes; `-p -` says that it is.
 */
async function mayBeMeant(
  request: ParsedRequest,
  deployment: Deployment,
  options: ScanOptions,
  ctx: CliContext,
): Promise<Result<boolean>> {
  const { ports, portsFile, topPorts, discover, hostsOnly } = options;
  const isSaid = [ports, portsFile, topPorts, discover, hostsOnly].some((each) => each !== undefined);
  const isBlock = request.addresses.some(([first, last]) => last > first);
  if (isSaid || !isBlock || !ctx.stdin().isTTY || !ctx.stderr.isTerminal) return ok(true);
  const planned = await deployment.plan(request);
  if (!planned.ok) return planned;
  const { scan, time } = planned.value;
  const probes = plannedProbes(scan.plan.geometry);
  if (probes < MANY_PROBES) return ok(true);
  const [least, most] = [time.atLeast, time.ifSilent].map((length) => durationText(length).replace(/\.\d+$/, ''));
  await ctx.stderr.write(
    `That is every port of ${scan.plan.geometry.addressCount} addresses: ${probes.toLocaleString('en')} probes, ${least} to ${most}.\n` +
      'Shorter: --discover leaves out addresses without a host, -F probes the 100 most usual ports.\n',
  );
  return ok(/^\s*y(es)?\s*$/i.test(await ask('Probe all of them? [y/N] ', ctx)));
}

async function ask(question: string, { stdin }: CliContext): Promise<string> {
  const questions = createInterface({ input: stdin(), output: process.stderr, terminal: true });
  try {
    return await questions.question(question);
  } finally {
    questions.close();
  }
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
  if (options.pruneOlder !== undefined && parseAge(options.pruneOlder) === undefined) {
    return err(unreadableOption('--prune-older', options.pruneOlder, AGES));
  }
  if (!isHere && options.proxy !== undefined) {
    const hint = 'Scan from this machine, with --endpoint local.';
    return err(errorValue('OPTIONS_CONFLICT', '--proxy is for this machine, and --endpoint for a fleet.', { hint }));
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
  if (ctx.words.length > 0 || !ctx.stdin().isTTY) return { targets, options };
  const seconds = TIMING_TEMPLATES[DEFAULT_TIMING].initialRttTimeout / 1_000;
  const target = await ask('Target (name, address, block or range): ', ctx);
  const timeout = (await ask(`Timeout of one probe in seconds [${seconds}, adapting]: `, ctx)).trim();
  return { targets: splitTargets(target), options: { ...options, ...(timeout !== '' && { timeout }) } };
}
