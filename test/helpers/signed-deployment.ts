import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { makeApi } from '../../shared/api/app.ts';
import { NO_PROBES } from '../../shared/domain/coverage.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { chunkNumber, seed, type WatchId } from '../../shared/domain/units.ts';
import { LIST_PRICES } from '../../shared/plan/estimate-cost.ts';
import { chunkSize } from '../../shared/plan/split-chunks.ts';
import { DEPLOYED_POLICY, type Policy } from '../../shared/request/target-policy.ts';
import type { AccountInventory } from '../../shared/seams/account-inventory.ts';
import type { Quota } from '../../shared/seams/caller-store.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import { aggregateScan } from '../../shared/usecases/aggregate-scan.ts';
import { completeChunk } from '../../shared/usecases/complete-chunk.ts';
import { manualClock } from './manual-clock.ts';
import { makeMemoryCallerStore } from './memory-caller-store.ts';
import { makeMemoryScanStore } from './memory-scan-store.ts';
import { makeMemoryWatchStore } from './memory-watch-store.ts';
import { freshScanId } from './sample-scan.ts';
import { type SignatureVerdict, verifySignature } from './verify-signature.ts';

/** The API behind something that lets in only what is signed, as API Gateway with IAM does; its scans end at once. */
export interface SignedDeployment {
  readonly url: string;
  /** Who asked, by the signature of each request that was let in. */
  readonly seen: readonly SignatureVerdict[];
  readonly paths: readonly string[];
  readonly watches: WatchStore;
}

export interface DeploymentOptions {
  readonly secrets: Readonly<Record<string, string>>;
  readonly quota?: Quota;
  readonly policy?: Policy;
  /** What the gateway says before the API is reached, the first times: a status for each request. */
  readonly hiccups?: number[];
  readonly version?: string;
  readonly account?: AccountInventory;
}

const FLEET = { workers: 64, socketsPerWorker: 900, maxProbesPerChunk: 4_096 };

export async function startSignedDeployment(options: DeploymentOptions): Promise<SignedDeployment> {
  const store = makeMemoryScanStore();
  const watches = makeMemoryWatchStore();
  const clock = manualClock();
  const seen: SignatureVerdict[] = [];
  const paths: string[] = [];
  const api = makeApi({
    store,
    clock,
    callers: makeMemoryCallerStore(),
    quota: options.quota ?? { probesPerDay: null, scansAtOnce: null },
    policy: options.policy ?? { ...DEPLOYED_POLICY, allowPrivate: true, scope: null },
    resolver: { resolve: async () => [] },
    ...(options.account && { account: options.account }),
    fleet: FLEET,
    newId: freshScanId,
    newSeed: () => seed(7),
    submit: (scan) => carryOut(scan, store, clock),
    sendAgain: async (scan) => void (await carryOut(scan, store, clock)),
    wake: async () => false,
    chunksHeld: async () => 0,
    submitterOf: (caller) => ({ caller: String(caller), sourceAddress: '192.0.2.1' }),
    prices: { ...LIST_PRICES, memoryGb: 0.5 },
    mostAnswerBytes: 6_000_000,
    watching: {
      ...{ watches, clock, place: 'account', alwaysTold: [] },
      newWatchId: () => freshScanId() as string as WatchId,
      newSecret: () => 'ab'.repeat(32),
    },
    version: options.version ?? '1.2.3',
    log: { info: () => {}, warn: () => {} },
  });
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming);
    const verdict = verdictOf(incoming, body, options.secrets);
    paths.push(`${incoming.method} ${incoming.url}`);
    const hiccup = options.hiccups?.shift();
    if (hiccup !== undefined) return outgoing.writeHead(hiccup).end('<html>not now</html>');
    if (!verdict?.isValid) return outgoing.writeHead(403).end('{"message":"Forbidden"}');
    seen.push(verdict);
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const hasBody = incoming.method !== 'GET' && body !== '';
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers,
      ...(hasBody && { body }),
    });
    const answer = await api.fetch(request, verdict.accessKey);
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  return { url: await listen(server), seen, paths, watches };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of incoming.setEncoding('utf8')) body += String(piece);
  return body;
}

function verdictOf(
  incoming: IncomingMessage,
  body: string,
  secrets: DeploymentOptions['secrets'],
): SignatureVerdict | undefined {
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const received = { method: incoming.method ?? '', target: incoming.url ?? '', headers, body };
  const { accessKey } = verifySignature(received, '') ?? { accessKey: '' };
  const secret = secrets[accessKey];
  return secret === undefined ? undefined : verifySignature(received, secret);
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Every port of every address is closed, and the scan over before anyone asks. */
async function carryOut(scan: Scan, store: ScanStore, clock: ReturnType<typeof manualClock>): Promise<Scan> {
  await store.changeStatus(scan.id, 'planned', 'running', clock.wall());
  for (let number = 0; number < scan.plan.geometry.chunks; number++) {
    const chunk = chunkNumber(number);
    const size = chunkSize(scan.plan.geometry, chunk);
    await store.putCoverage(scan.id, { chunk, runs: [[size, 'closed/conn-refused']], tally: NO_PROBES });
    await completeChunk({ store, clock }, scan, chunk, 'settled');
  }
  await aggregateScan({ store, clock }, scan.id);
  return (await store.readScan(scan.id)) ?? scan;
}
