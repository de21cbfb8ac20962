import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { monotonicFactory } from 'ulid';
import { openLocalNode } from '../local/local-node.ts';
import { warmUp } from '../local/serve/warm-up.ts';
import { manageDeps } from '../local/watches/manage-deps.ts';
import type { ApiDeps } from '../shared/api/api-deps.ts';
import { makeApi } from '../shared/api/app.ts';
import { MAX_BODY_BYTES } from '../shared/domain/limits.ts';
import { type Address, type ScanId, seed } from '../shared/domain/units.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { LOCAL_POLICY } from '../shared/request/target-policy.ts';
import { type HostileBody, KEPT_WATCH } from '../test/fixtures/hostile-requests.ts';

/** What `portfleet serve` is made of, over a store of its own, without the sockets. */
export async function makeServer(directory: string) {
  const node = openLocalNode(directory);
  const newId = monotonicFactory();
  const parts: ApiDeps = {
    store: node.store,
    callers: node.callers,
    quota: { probesPerDay: null, scansAtOnce: null },
    submit: async (scan) => scan,
    sendAgain: async () => {},
    wake: async () => false,
    chunksHeld: async () => null,
    submitterOf: () => ({ caller: 'local', sourceAddress: null }),
    watching: { ...manageDeps(node, systemClock), place: 'server' },
    prices: null,
    mostAnswerBytes: null,
    version: '0.0.0',
    log: { info: () => {}, warn: () => {} },
    resolver: { resolve: () => setImmediate(['10.0.0.1' as Address]) },
    clock: systemClock,
    policy: LOCAL_POLICY,
    fleet: { workers: 2, socketsPerWorker: 1_000, maxProbesPerChunk: 65_536 },
    newId: () => newId() as ScanId,
    newSeed: () => seed(1),
  };
  const api = makeApi(parts);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ name: KEPT_WATCH, targets: ['10.0.0.1'], every: '6h' });
  await api.request('/watches', { method: 'POST', headers, body });
  return { api, parts, close: () => node.close() };
}

/** Where Linux tells for how many nanoseconds a thread had a CPU; the first thread has the number of its process. */
const MAIN_THREAD = `/proc/self/task/${process.pid}/schedstat`;

/**
 * Milliseconds of CPU that the thread of the event loop has used: unlike the time of day, neither other programs on the
 * machine add to it, nor the threads that compile and collect beside it. Where Linux is not, theirs count too.
 */
function cpu(): number {
  if (existsSync(MAIN_THREAD)) return Number(readFileSync(MAIN_THREAD, 'latin1').split(' ', 1)[0]) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The most that was used between two turns of the event loop until the work was done. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let [longest, isDone] = [0, false];
  const done = work().finally(() => {
    isDone = true;
  });
  for (let before = cpu(); !isDone; ) {
    await setImmediate();
    const now = cpu();
    longest = Math.max(longest, now - before);
    before = now;
  }
  await done;
  return longest;
}

/** The largest body of that kind which the API reads. */
export function largest({ n, body }: HostileBody): string {
  for (let size = n; ; size = Math.floor((size * MAX_BODY_BYTES) / body(size).length) - 1) {
    const text = body(size);
    if (text.length <= MAX_BODY_BYTES && text.length > 0.9 * MAX_BODY_BYTES) return text;
  }
}

const ROUNDS = 5;

/** For how long the requests of one kind hold the event loop, each in milliseconds, and how the last was answered. */
export interface Holds {
  readonly status: number;
  readonly first: number;
  readonly median: number;
}

/** Five requests of a kind to a server that listens since a moment ago. */
export async function measureHolds(row: HostileBody): Promise<Holds> {
  const directory = mkdtempSync(join(tmpdir(), 'portfleet-bench-'));
  const { api, parts, close } = await makeServer(directory);
  try {
    await warmUp(parts);
    const body = largest(row);
    const holds: number[] = [];
    let status = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const headers = { 'content-type': 'application/json' };
      const ask = async (): Promise<void> => {
        const answer = await api.request(row.path, { method: row.method ?? 'POST', headers, body });
        await answer.text();
        status = answer.status;
      };
      holds.push(await longestHold(ask));
    }
    const [first = 0] = holds;
    return { status, first, median: holds.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0 };
  } finally {
    await close();
    rmSync(directory, { recursive: true });
  }
}

const run = promisify(execFile);

/** One line for each kind, measured in a process of its own: what another kind has made fast does not count. */
export async function printHolds(rows: readonly HostileBody[]): Promise<void> {
  console.log(
    `\n${'one request of 64 KiB'.padEnd(36)} ${'status'.padStart(7)} ${'first ms'.padStart(9)} ${'median'.padStart(8)}`,
  );
  for (const [index, { what }] of rows.entries()) {
    const { stdout } = await run(process.execPath, [...process.execArgv, ONE, String(index)]);
    const { status, first, median } = JSON.parse(stdout) as Holds;
    const cells = [first, median].map((ms) => ms.toFixed(1).padStart(8)).join(' ');
    console.log(`${what.padEnd(36)} ${String(status).padStart(7)}  ${cells}`);
  }
}

const ONE = fileURLToPath(new URL('hold-one.ts', import.meta.url));
