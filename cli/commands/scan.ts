import type { Detection } from '../../shared/domain/detection.ts';
import { fault } from '../../shared/domain/errors.ts';
import type { Expectation } from '../../shared/report/expectations/expect.ts';
import { faulty, ok, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import type { FormatName } from '../../shared/report/formats/format.ts';
import { parseRequest, type RawRequest } from '../../shared/request/parse-request.ts';
import { askForRequest } from '../ask-for-request.ts';
import { isAsExpected, readExpectation } from '../check-expectation.ts';
import type { Deployment } from '../deployment.ts';
import { endpointOf } from '../endpoint.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { faultText } from '../error-text.ts';
import { followScan } from '../follow-scan.ts';
import { parseWorkers } from '../local-fleet.ts';
import { printPlan } from '../print-plan.ts';
import { parseFormat, reportFiles, writeReportFiles } from '../report-output.ts';
import type { ScanOptions } from '../scan-options.ts';
import type { Surroundings } from '../context.ts';
import { readTargetList, splitTargets } from '../target-list.ts';
import { faceOf } from '../time-zone.ts';
import { refuse, withDeployment } from '../with-deployment.ts';

/** `portfleet scan`: submits a scan and follows it to its end. Bad input starts nothing. */
export async function scan(targets: readonly string[], options: ScanOptions, around: Surroundings): Promise<ExitCode> {
  const asked = await completeByAsking(targets, options, around);
  const [format, workers] = [parseFormat(asked.options.format), parseWorkers(options.workers)];
  const [list, expected] = [await readTargetList(options.inputList, around), await readExpectation(options)];
  const raw = withList(rawRequest(asked), list);
  const read = [format, workers, list, parsed(raw, list), expected, checkPlace(options, around)];
  const faults = read.flatMap((result) => (result.ok ? [] : result.faults));
  if (!format.ok || !workers.ok || !expected.ok || faults.length > 0) return refuse(faults, around);
  const wanted: Wanted = { raw, format: format.value, expectation: expected.value };
  return withDeployment(options, around, (there) => carryOut(wanted, there, asked.options, around), workers.value);
}

/** What the command line asks for, read. */
interface Wanted {
  readonly raw: RawRequest;
  readonly format: FormatName;
  readonly expectation: Expectation | null;
}

async function carryOut(
  { raw, format, expectation }: Wanted,
  deployment: Deployment,
  options: ScanOptions,
  around: Surroundings,
): Promise<ExitCode> {
  if (options.dryRun) {
    const planned = await deployment.plan(raw);
    return planned.ok ? printPlan(planned.value, around) : refuse(planned.faults, around);
  }
  const submitted = await deployment.submit(raw);
  if (!submitted.ok) return refuse(submitted.faults, around);
  if (options.wait === false) return leave(submitted.value, deployment, around);
  const showing = { start: 'anew', format } as const;
  const { scan: after, code } = await followScan(submitted.value, deployment, showing, options, around);
  const readReport = () => deployment.readReport(after);
  const unwritten = await writeReportFiles(readReport, reportFiles(options), options, around);
  for (const each of unwritten) around.stderr.write(faultText(each));
  if (code !== EXIT.done) return code;
  if (unwritten.length > 0) return EXIT.failed;
  if (expectation === null) return EXIT.done;
  const strictness = options.expectExact ? 'exactly' : 'at-most';
  return (await isAsExpected(await readReport(), expectation, strictness, faceOf(options), around))
    ? EXIT.done
    : EXIT.different;
}

/** The id alone goes to standard output, for scripts that come back later. */
function leave({ id }: Scan, deployment: Deployment, around: Surroundings): ExitCode {
  around.stdout.write(`${id}\n`);
  around.stderr.write(`${deployment.partingWords(id)}\n`);
  return EXIT.done;
}

/** Options that only the one, or only the other kind of deployment knows. */
function checkPlace(options: ScanOptions, around: Surroundings): Result<void> {
  const isHere = endpointOf(options, around) === undefined;
  if (isHere && options.wait === false) {
    const mend = 'Name the fleet that goes on with the scan with --endpoint.';
    return faulty(fault('OPTIONS_CONFLICT', '--no-wait leaves a scan that only this command carries out.', { mend }));
  }
  if (isHere || options.workers === undefined) return ok(undefined);
  return faulty(fault('OPTIONS_CONFLICT', '--workers is for this machine, and --endpoint for a fleet.'));
}

interface Asked {
  readonly targets: readonly string[];
  readonly options: ScanOptions;
}

/** Without a word on a terminal, the program asks for what it needs, like the one it replaces. */
async function completeByAsking(
  targets: readonly string[],
  options: ScanOptions,
  around: Surroundings,
): Promise<Asked> {
  if (around.words.length > 0 || !around.stdin.isTTY) return { targets, options };
  const { target, timeout } = await askForRequest(around);
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
function parsed(raw: RawRequest, list: Result<unknown>): Result<unknown> {
  return raw.targets.length === 0 && !list.ok ? ok(undefined) : parseRequest(raw);
}
