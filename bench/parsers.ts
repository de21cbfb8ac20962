// Does each parser take time in proportion to its input, and how long does a request keep a server from all others?
// npm run bench:parsers
// Prints the milliseconds for n, 2n and 4n of each hostile input, and how they grow: 2.0 and 4.0 where time is linear;
// then, of each that fits a body of the API, for how long one request of the largest size holds the event loop.

import { readScanRequest } from '../shared/api/scan-request.ts';
import type { Address, EpochMillis, Millis, ScanId } from '../shared/domain/units.ts';
import { seed } from '../shared/domain/units.ts';
import { parseExpectFile } from '../shared/report/expectations/parse-expect.ts';
import { parseRequest, type RawRequest } from '../shared/request/parse-request.ts';
import { JSON_FIELDS } from '../shared/request/request-fields.ts';
import { LOCAL_POLICY } from '../shared/request/target-policy.ts';
import { planScan } from '../shared/usecases/plan-scan.ts';
import { HOSTILE_BODIES, HOSTILE_REQUESTS, nested, octet, times, whole } from '../test/fixtures/hostile-requests.ts';
import { printHolds } from './hold.ts';

/** An input of size n, and what reads it. */
interface Row {
  readonly what: string;
  readonly n: number;
  readonly run: (n: number) => unknown;
}

/** Parsed, resolved by a resolver that knows every name, checked and cut, as POST /scans does. */
async function plan(raw: Partial<RawRequest>): Promise<void> {
  const parsed = parseRequest(whole(raw), JSON_FIELDS);
  if (!parsed.ok) return;
  await planScan(parsed.value, {
    resolver: { resolve: async () => ['10.0.0.1' as Address] },
    clock: { now: () => 0 as Millis, wall: () => 0 as EpochMillis, after: () => () => {}, afterTurn: (wake) => wake() },
    policy: LOCAL_POLICY,
    fleet: { workers: 2, socketsPerWorker: 1_000, maxProbesPerChunk: 65_536 },
    newId: () => '01M81YZJTCJQKEBMPHHDH2HTCT' as ScanId,
    newSeed: () => seed(1),
  });
}

const OTHERS: readonly Row[] = [
  {
    what: 'JSON: unknown fields',
    n: 2_500,
    run: (n) => readScanRequest(Object.fromEntries(times(n, (at) => `f${at}`).map((name) => [name, 1]))),
  },
  { what: 'JSON: wrong items', n: 7_500, run: (n) => readScanRequest({ targets: times(n, '').map(() => 1) }) },
  {
    what: 'JSON: deep',
    n: 7_500,
    run: (n) => readScanRequest(JSON.parse(`{"targets":${nested(n)}}`)),
  },
  {
    what: 'expectations: ports',
    n: 2_500,
    run: (n) => parseExpectFile(`ports: [${times(n, '22').join(',')}]`, 'f.yaml'),
  },
  {
    what: 'expectations: targets',
    n: 1_000,
    run: (n) => parseExpectFile(`targets:\n${times(n, (at) => `  ${octet(at)}.1: 22\n`).join('')}`, 'f.yaml'),
  },
  {
    what: 'expectations: deep',
    n: 400,
    run: (n) => parseExpectFile(`ports: ${'['.repeat(n)}${']'.repeat(n)}`, 'f.yaml'),
  },
];

/** The shortest of a few runs: what the work takes, without what else the machine did. */
async function best(run: () => unknown): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const begun = performance.now();
    await run();
    shortest = Math.min(shortest, performance.now() - begun);
  }
  return shortest;
}

console.log(
  `${'input'.padEnd(36)} ${'n'.padStart(7)} ${'n ms'.padStart(8)} ${'2n ms'.padStart(8)} ${'4n ms'.padStart(8)}   growth`,
);
const ROWS: readonly Row[] = [
  ...HOSTILE_REQUESTS.map(({ what, n, raw }) => ({ what, n, run: (size: number) => plan(raw(size)) })),
  ...OTHERS,
];
for (const { what, n, run } of ROWS) {
  const [one, two, four] = [await best(() => run(n)), await best(() => run(2 * n)), await best(() => run(4 * n))];
  const cells = [one, two, four].map((ms) => ms.toFixed(2).padStart(8)).join(' ');
  console.log(
    `${what.padEnd(36)} ${String(n).padStart(7)} ${cells}   ${(two / one).toFixed(1)} ${(four / one).toFixed(1)}`,
  );
}

await printHolds(HOSTILE_BODIES);
