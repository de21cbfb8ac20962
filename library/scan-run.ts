import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalNode, openLocalNode, type RunOptions } from '../local/local-node.ts';
import { localPlanDeps } from '../local/plan-deps.ts';
import packageJson from '../package.json' with { type: 'json' };
import { namesByAddress } from '../shared/domain/address-names.ts';
import { PortfleetError } from '../shared/domain/errors.ts';
import { type Finding, wasIdentified } from '../shared/domain/finding.ts';
import { orThrow } from '../shared/domain/or-throw.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { jsonFinding, jsonReport } from '../shared/report/formats/json.ts';
import type { FormatOptions } from '../shared/report/formats/sections.ts';
import { SILENT } from '../shared/seams/log.ts';
import { makeWakeup, sleep } from '../shared/seams/sleep.ts';
import { planScan } from '../shared/usecases/plan-scan.ts';
import { readReport } from '../shared/usecases/read-report.ts';
import { submitScan } from '../shared/usecases/send-chunks.ts';
import { readScan, type ScanFields, type ScanSettings } from './request.ts';

/** An open port, with the members that it has in a report as JSON. */
export interface FoundPort extends ReturnType<typeof jsonFinding> {
  readonly address: string;
  /** The names that resolved to the address when the scan began. */
  readonly names: readonly string[];
}

/** The document that docs/report.schema.json describes. */
export type ScanReport = Awaited<ReturnType<typeof jsonReport>>;

/**
 * A scan of a program: iterated, it gives each open port once, as it is found, or, where services are detected, as it is
 * identified.
 *
 *   not begun ──next, report──▶ running ──every probe has its verdict──▶ over: the report is whole
 *                                  ├─ the loop is left (break) ────────▶ over: the report has what was found till then
 *                                  └─ signal, error ───────────────────▶ over: all that awaits it throws
 */
export class ScanRun implements AsyncIterableIterator<FoundPort, ScanReport | undefined, void> {
  readonly #ports: AsyncGenerator<FoundPort, void, void>;
  #report: ScanReport | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param workerModule the worker's bundle */
  constructor(request: ScanFields, settings: ScanSettings, workerModule: string) {
    this.#ports = openPorts(request, settings, workerModule, (report) => {
      this.#report = report;
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<FoundPort, ScanReport | undefined>> {
    try {
      const { done, value } = await this.#ports.next();
      return done ? { done, value: this.#report } : { done: false, value };
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** Stops the scan; what it found so far is in its report. */
  async return(): Promise<IteratorReturnResult<ScanReport | undefined>> {
    await this.#ports.return();
    return { done: true, value: this.#report };
  }

  /** Runs the scan to its end, if it is not there yet, and gives its report. */
  async report(): Promise<ScanReport> {
    for await (const _ of this);
    if (this.#failure) throw this.#failure.error;
    if (this.#report) return this.#report;
    throw new Error('The scan was left before it had begun.');
  }

  /** The same, with the errors of the request, or of this machine, as a value; an abort is thrown all the same. */
  async result(): Promise<Result<ScanReport>> {
    try {
      return ok(await this.report());
    } catch (error) {
      if (error instanceof PortfleetError) return err(...error.errors);
      throw error;
    }
  }
}

type OnReport = (report: ScanReport) => void;

async function* openPorts(
  fields: ScanFields,
  settings: ScanSettings,
  workerModule: string,
  onReport: OnReport,
): AsyncGenerator<FoundPort, void, void> {
  settings.signal?.throwIfAborted();
  const { request, workers } = orThrow(readScan(fields, settings));
  const planned = orThrow(await planScan(request, localPlanDeps(workers)));
  const directory = settings.dataDir ?? (await mkdtemp(join(tmpdir(), 'portfleet-')));
  try {
    const node = openLocalNode(directory);
    try {
      yield* runOn(node, planned, { workers, workerModule }, settings.signal, onReport);
    } finally {
      await node.close();
    }
  } finally {
    if (settings.dataDir === undefined) await rm(directory, { recursive: true, force: true });
  }
}

async function* runOn(
  node: LocalNode,
  planned: Scan,
  how: Pick<RunOptions, 'workers' | 'workerModule'>,
  signal: AbortSignal | undefined,
  onReport: OnReport,
): AsyncGenerator<FoundPort, void, void> {
  const deps = { store: node.store, clock: systemClock };
  const scan = await submitScan(planned, { ...deps, queue: node.queueOf(planned.id) });
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const found = collectFound(scan);
  const events = { onFound: found.add, onProgress: () => {} };
  const running = node.run(scan, { ...how, events, start: 'new', signal: stop.signal, log: SILENT });
  running.then(found.end, found.end);
  try {
    yield* found.ports();
    const report = await readReport(deps, await running);
    signal?.throwIfAborted();
    // A port that did not let itself be identified has not been told yet.
    for await (const { findings } of report.hosts) yield* found.untold(findings);
  } finally {
    abort();
    signal?.removeEventListener('abort', abort);
    onReport(plain(await jsonReport(await readReport(deps, await running), formatOptions())));
  }
}

/** What workers find, until the program asks for it. */
function collectFound(scan: Scan) {
  const waiting: Finding[] = [];
  const told = new Set<string>();
  const names = namesByAddress(scan.names);
  const wakeup = makeWakeup();
  let isOver = false;
  const untold = function* (findings: Iterable<Finding>): Generator<FoundPort, void, void> {
    for (const finding of findings) {
      const key = `${finding.address} ${finding.protocol}/${finding.port}`;
      if (told.has(key)) continue;
      told.add(key);
      yield foundPort(finding, names.get(finding.address) ?? []);
    }
  };
  return {
    untold,
    add(findings: readonly Finding[]): void {
      // What a port is comes some seconds after it was found open, and changes what is told of it.
      waiting.push(...findings.filter((each) => scan.plan.detect === 'none' || wasIdentified(each)));
      wakeup.wake();
    },
    end(): void {
      isOver = true;
      wakeup.wake();
    },
    async *ports(): AsyncGenerator<FoundPort, void, void> {
      while (true) {
        yield* untold(waiting.splice(0));
        if (waiting.length > 0) continue;
        if (isOver) return;
        await sleep(systemClock, null, wakeup.whenWoken);
      }
    },
  };
}

const foundPort = (finding: Finding, names: readonly string[]): FoundPort =>
  plain({ address: finding.address, names, ...jsonFinding(finding) });

/** Without the members that are undefined, which a document would not have either. */
const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const formatOptions = (): FormatOptions => ({
  openOnly: false,
  timeZone: 'UTC',
  args: '',
  version: packageJson.version,
  now: systemClock.wall(),
});
