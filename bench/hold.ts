import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { monotonicFactory } from 'ulid';
import { openLocalNode } from '../local/local-node.ts';
import { manageDeps } from '../local/watches/manage-deps.ts';
import { makeApi } from '../shared/api/app.ts';
import { MAX_BODY_BYTES } from '../shared/domain/limits.ts';
import { readServiceNames } from '../shared/domain/registry/services.ts';
import { type Address, type ScanId, seed } from '../shared/domain/units.ts';
import { systemClock } from '../shared/net/system-clock.ts';
import { LOCAL_POLICY } from '../shared/request/target-policy.ts';
import type { HostileBody } from '../test/fixtures/hostile-requests.ts';

/** What `portfleet serve` is made of, over a store of its own, without the sockets. */
export function makeServer(directory: string) {
  readServiceNames();
  const node = openLocalNode(directory);
  const newId = monotonicFactory();
  const api = makeApi({
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
  });
  return { api, close: () => node.close() };
}

/** Milliseconds of CPU that this process has used: unlike the time of day, others on the machine do not add to it. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** The most that was used between two turns of the event loop until the work was done. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let [longest, isDone] = [0, false];
  const done = work().finally(() => {
    isDone = true;
  });
  for (let before = cpu(); !isDone; before = cpu()) {
    await setImmediate();
    longest = Math.max(longest, cpu() - before);
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

/** For how long each request holds the event loop: the first time, in a process that has just begun, and in the middle of five. */
export async function printHolds(rows: readonly HostileBody[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'portfleet-bench-'));
  const { api, close } = makeServer(directory);
  console.log(
    `\n${'one request of 64 KiB'.padEnd(36)} ${'status'.padStart(7)} ${'first ms'.padStart(9)} ${'median'.padStart(8)}`,
  );
  try {
    for (const row of rows) {
      const body = largest(row);
      const holds: number[] = [];
      let status = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const ask = async (): Promise<void> => {
          const headers = { 'content-type': 'application/json' };
          const answer = await api.request(row.path, { method: 'POST', headers, body });
          await answer.text();
          status = answer.status;
        };
        holds.push(await longestHold(ask));
      }
      const [first = 0] = holds;
      const median = holds.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
      console.log(
        `${row.what.padEnd(36)} ${String(status).padStart(7)} ${first.toFixed(1).padStart(9)} ${median.toFixed(1).padStart(8)}`,
      );
    }
  } finally {
    await close();
    rmSync(directory, { recursive: true });
  }
}
