import type { Detection } from '../../shared/domain/detection.ts';
import { errorValue } from '../../shared/domain/errors.ts';
import { err, ok, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import type { Expectation } from '../../shared/report/expectations/expect.ts';
import type { FormatName } from '../../shared/report/formats/format.ts';
import { type ParsedRequest, parseRequest, type RawRequest } from '../../shared/request/parse-request.ts';
import { askForRequest } from '../ask-for-request.ts';
import { isAsExpected, readExpectation } from '../check-expectation.ts';
import type { CliContext } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { endpointOf } from '../endpoint.ts';
import { errorText } from '../error-text.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { followScan } from '../follow-scan.ts';
import { parseWorkers } from '../local-fleet.ts';
import { printPlan } from '../print-plan.ts';
import { parseFormat, reportFiles, writeReportFiles } from '../report-output.ts';
import type { ScanOptions } from '../scan-options.ts';
import { readTargetList, splitTargets } from '../target-list.ts';
import { timeFormatOf } from '../time-zone.ts';
import { refuse, withDeployment } from '../with-deployment.ts';

/** `portfleet scan`: submits a scan and follows it to its end. Bad input starts nothing. */
export async function scan(targets: readonly string[], options: ScanOptions, ctx: CliContext): Promise<ExitCode> {
  const asked = await completeByAsking(targets, options, ctx);
  const [format, workers] = [parseFormat(asked.options.format), parseWorkers(options.workers)];
  const [list, expected] = [await readTargetList(options.inputList, ctx), await readExpectation(options)];
  const raw = withList(rawRequest(asked), list);
  const request = parsed(raw, list);
  const read = [format, workers, list, request, expected, checkPlace(options, ctx)];
  const errors = read.flatMap((result) => (result.ok ? [] : result.errors));
  if (!format.ok || !workers.ok || !expected.ok || !request.ok || errors.length > 0) return refuse(errors, ctx);
  const wanted: Wanted = { request: request.value, format: format.value, expectation: expected.value };
  return withDeployment(options, ctx, (there) => carryOut(wanted, there, asked.options, ctx), workers.value);
}

/** What the command line asks for, read. */
interface Wanted {
  readonly request: ParsedRequest;
  readonly format: FormatName;
  readonly expectation: Expectation | null;
}

async function carryOut(
  { request, format, expectation }: Wanted,
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
  if (options.wait === false) return leave(submitted.value, deployment, ctx);
  const showing = { start: 'anew', format } as const;
  const { scan: after, code } = await followScan(submitted.value, deployment, showing, options, ctx);
  const readReport = () => deployment.readReport(after);
  const unwritten = await writeReportFiles(readReport, reportFiles(options), options, ctx);
  for (const each of unwritten) ctx.stderr.write(errorText(each));
  if (code !== EXIT.done) return code;
  if (unwritten.length > 0) return EXIT.failed;
  if (expectation === null) return EXIT.done;
  const strictness = options.expectExact ? 'exactly' : 'at-most';
  return (await isAsExpected(await readReport(), expectation, strictness, timeFormatOf(options), ctx))
    ? EXIT.done
    : EXIT.different;
}

/** The id alone goes to standard output, for scripts that come back later. */
function leave({ id }: Scan, deployment: Deployment, ctx: CliContext): ExitCode {
  ctx.stdout.write(`${id}\n`);
  ctx.stderr.write(`${deployment.partingWords(id)}\n`);
  return EXIT.done;
}

/** Options that only the one, or only the other kind of deployment knows. */
function checkPlace(options: ScanOptions, ctx: CliContext): Result<void> {
  const isHere = endpointOf(options, ctx) === undefined;
  if (isHere && options.wait === false) {
    const hint = 'Name the fleet that goes on with the scan with --endpoint.';
    return err(errorValue('OPTIONS_CONFLICT', '--no-wait leaves a scan that only this command carries out.', { hint }));
  }
  if (isHere || options.workers === undefined) return ok(undefined);
  return err(errorValue('OPTIONS_CONFLICT', '--workers is for this machine, and --endpoint for a fleet.'));
}

interface Asked {
  readonly targets: readonly string[];
  readonly options: ScanOptions;
}

/** Without a word on a terminal, the program asks for what it needs, like the one it replaces. */
async function completeByAsking(targets: readonly string[], options: ScanOptions, ctx: CliContext): Promise<Asked> {
  if (ctx.words.length > 0 || !ctx.stdin.isTTY) return { targets, options };
  const { target, timeout } = await askForRequest(ctx);
  return { targets: splitTargets(target), options: { ...options, ...(timeout !== '' && { timeout }) } };
}

function rawRequest({ targets, options }: Asked): RawRequest {
  return {
    targets,
    exclude: splitTargets(options.exclude ?? ''),
    ports: options.ports,
    topPorts: options.topPorts,
    excludePorts: options.excludePorts,
    protocols: options.udp ? ['udp'] : undefined,
    timing: options.timing,
    timeout: options.timeout,
    retries: options.retries,
    rate: options.rate,
    sockets: options.sockets,
    family: familyOf(options),
    detect: detectionOf(options),
  };
}

/** --tls includes what -sV asks for. */
function detectionOf({ serviceDetection, tls }: ScanOptions): Detection {
  if (tls) return 'tls';
  return serviceDetection ? 'services' : 'none';
}

/** Both is the same as neither. */
function familyOf({ ipv4, ipv6 }: ScanOptions): 4 | 6 | undefined {
  if (ipv4 === ipv6) return undefined;
  return ipv4 ? 4 : 6;
}

function withList(raw: RawRequest, list: Result<RawRequest['targets']>): RawRequest {
  return { ...raw, targets: [...raw.targets, ...(list.ok ? list.value : [])] };
}

/** Where the list of targets cannot be read, nobody knows yet whether there are none. */
function parsed(raw: RawRequest, list: Result<unknown>): Result<ParsedRequest> {
  return raw.targets.length === 0 && !list.ok ? err() : parseRequest(raw);
}
