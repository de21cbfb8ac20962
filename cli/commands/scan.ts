import { randomInt } from 'node:crypto';
import { ulid } from 'ulid';
import type { Detection } from '../../shared/domain/detection.ts';
import { fault } from '../../shared/domain/errors.ts';
import { faulty, ok, type Result } from '../../shared/domain/result.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { type ScanId, seed } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { systemResolver } from '../../shared/net/system-resolver.ts';
import type { RawRequest } from '../../shared/plan/parse-request.ts';
import { LOCAL_POLICY } from '../../shared/plan/target-policy.ts';
import { planScan, submitScan } from '../../shared/usecases/submit-scan.ts';
import { askForRequest } from '../ask-for-request.ts';
import { isAsExpected, readExpectation } from '../check-expectation.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { faultText } from '../fault-text.ts';
import { followScan } from '../follow-scan.ts';
import { localFleet, parseWorkers } from '../local-fleet.ts';
import { printPlan } from '../print-plan.ts';
import { parseFormat, reportFiles, writeReportFiles } from '../report-output.ts';
import type { ScanOptions } from '../scan-options.ts';
import type { Surroundings } from '../surroundings.ts';
import { readTargetList, splitTargets } from '../target-list.ts';
import { refuse, withStation } from '../with-station.ts';

/** `portfleet scan`: plans, submits, and follows the scan to its end. Bad input starts nothing. */
export async function scan(targets: readonly string[], options: ScanOptions, around: Surroundings): Promise<ExitCode> {
  const asked = await completeByAsking(targets, options, around);
  const [format, workers, raw] = [parseFormat(asked.options.format), parseWorkers(options.workers), rawRequest(asked)];
  const list = await readTargetList(options.inputList, around);
  const [planned, expected] = [await plan(raw, list, workers), await readExpectation(options)];
  const faults = [format, workers, list, planned, expected].flatMap((result) => (result.ok ? [] : result.faults));
  if (!format.ok || !workers.ok || !list.ok || !planned.ok || !expected.ok) return refuse(faults, around);
  if (options.dryRun) return printPlan(planned.value, workers.value, around);
  return withStation(options, around, async (station) => {
    const submitted = await submitScan(planned.value, {
      store: station.store,
      queue: station.queueOf(planned.value.id),
      clock: systemClock,
    });
    const how = { start: 'anew', workers: workers.value, format: format.value } as const;
    const { scan: after, code } = await followScan(submitted, station, how, asked.options, around);
    const unwritten = await writeReportFiles(after, station.store, reportFiles(options), options, around);
    for (const each of unwritten) around.stderr.write(faultText(each));
    if (code !== EXIT.done) return code;
    if (unwritten.length > 0) return EXIT.failed;
    if (expected.value === null) return EXIT.done;
    const strictness = options.expectExact ? 'exactly' : 'at-most';
    const asExpected = await isAsExpected(after, station.store, expected.value, strictness, around);
    return asExpected ? EXIT.done : EXIT.different;
  });
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

async function plan(
  raw: RawRequest,
  list: Result<RawRequest['targets']>,
  workers: Result<number>,
): Promise<Result<Scan>> {
  const targets = [...raw.targets, ...(list.ok ? list.value : [])];
  if (targets.length === 0 && !list.ok) return faulty();
  return planScan(
    { ...raw, targets },
    {
      resolver: systemResolver,
      clock: systemClock,
      policy: LOCAL_POLICY,
      fleet: localFleet(workers.ok ? workers.value : 1, raw.sockets),
      newId: () => ulid() as ScanId,
      newSeed: () => seed(randomInt(2 ** 32)),
    },
  );
}
