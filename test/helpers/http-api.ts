import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type LocalNode, openLocalNode } from '../../local/local-node.ts';
import type { RunningServer } from '../../local/serve/gate.ts';
import { startServer } from '../../local/serve/server.ts';
import { readToken } from '../../local/serve/token-file.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { type Address, type ScanId, seed } from '../../shared/domain/units.ts';
import { LOCAL_POLICY } from '../../shared/request/target-policy.ts';
import type { Quota } from '../../shared/seams/caller-store.ts';
import type { Log, LogFields } from '../../shared/seams/log.ts';
import type { PlanDeps } from '../../shared/usecases/plan-scan.ts';
import { conformance, type Described, type HttpAnswer } from './conformance.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { freshScanId } from './sample-scan.ts';
import { tempDir } from './temp-dir.ts';

/** The real server over a real file; only nobody carries out the scans, so that a test decides what becomes of them. */
export interface ApiUnderTest extends RunningServer {
  readonly token: string;
  readonly directory: string;
  readonly node: LocalNode;
  readonly clock: ManualClock;
  /** Scans that were handed to the runner, in order. */
  readonly enqueued: readonly ScanId[];
  readonly logged: readonly { readonly event: string; readonly fields: LogFields | undefined }[];
  ask(method: string, path: string, how?: HowToAsk): Promise<HttpAnswer>;
  /** A stored scan with that id. */
  stored(id: string): Promise<Scan>;
}

export interface HowToAsk {
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HowToStart {
  readonly quota?: Quota;
  /** The kernel's choice when left out. */
  readonly port?: number;
  readonly planning?: Partial<PlanDeps>;
  /** Wraps the node's store, for a test that looks at what is read or breaks it. */
  readonly node?: (node: LocalNode) => LocalNode;
}

/** Read from the first server of a test file; the others publish the same. */
let conforms: ReturnType<typeof conformance> | undefined;

/** Built before the tests run. */
const PAGE_ROOT = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** Names that the resolver of these tests knows. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'here.test': ['127.0.0.1'],
  'two.test': ['127.0.0.1', '127.0.0.2'],
  'metadata.test': ['169.254.169.254'],
};

export async function startApi({
  quota,
  port = 0,
  planning,
  node: wrap = (same) => same,
}: HowToStart = {}): Promise<ApiUnderTest> {
  const directory = tempDir();
  const node = wrap(openLocalNode(directory));
  const clock = manualClock();
  const enqueued: ScanId[] = [];
  const logged: { event: string; fields: LogFields | undefined }[] = [];
  const note = (event: string, fields?: LogFields) => void logged.push({ event, fields });
  const log: Log = { info: note, warn: note };
  const server = await startServer(
    {
      node,
      directory,
      log,
      version: '1.2.3',
      pageRoot: PAGE_ROOT,
      quota: quota ?? { probesPerDay: null, scansAtOnce: null },
      runner: { enqueue: (id) => void enqueued.push(id), resume: async () => 0, stop: async () => {} },
      planning: {
        resolver: { resolve: async (name) => (NAMES[name] ?? []) as Address[] },
        clock,
        policy: LOCAL_POLICY,
        fleet: { workers: 2, socketsPerWorker: 1_000, maxProbesPerChunk: 65_536 },
        newId: freshScanId,
        newSeed: () => seed(7),
        ...planning,
      },
    },
    '127.0.0.1',
    port,
  );
  onTestFinished(async () => {
    await server.close();
    await node.close();
  });
  const token = readToken(directory, Number(new URL(server.url).port)) ?? '';
  conforms ??= conformance((await (await fetch(`${server.url}/openapi.json`)).json()) as Described);
  const holdToDescription = conforms;
  return {
    ...server,
    token,
    directory,
    node,
    clock,
    enqueued,
    logged,
    async ask(method, path, how = {}) {
      const answer = await send(
        `${server.url}${path}`,
        method,
        { authorization: `Bearer ${token}`, ...how.headers },
        how.body,
      );
      holdToDescription(method, path, answer);
      return answer;
    },
    async stored(id) {
      const scan = await node.store.readScan(id as ScanId);
      if (!scan) throw new Error(`no scan ${id} is stored`);
      return scan;
    },
  };
}

async function send(url: string, method: string, headers: Record<string, string>, body: unknown): Promise<HttpAnswer> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(text !== undefined && { body: text }),
  });
  const answered = await response.text();
  const json = <Value>(): Value => JSON.parse(answered) as Value;
  return {
    status: response.status,
    headers: response.headers,
    text: answered,
    json,
    codes: () => json<{ faults: { code: string }[] }>().faults.map(({ code }) => code),
  };
}
