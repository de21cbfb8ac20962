// Does each parser take time in proportion to its input? npm run bench:parsers [n]
// Prints the milliseconds for n, 2n and 4n of each hostile input, and how they grow: 2.0 and 4.0 where time is linear.

import { readScanRequest } from '../shared/api/scan-request.ts';
import type { Address, EpochMillis, Millis, ScanId } from '../shared/domain/units.ts';
import { seed } from '../shared/domain/units.ts';
import { parseExpectFile } from '../shared/report/expectations/parse-expect.ts';
import { parseRequest, type RawRequest } from '../shared/request/parse-request.ts';
import { JSON_FIELDS } from '../shared/request/request-fields.ts';
import { LOCAL_POLICY } from '../shared/request/target-policy.ts';
import { planScan } from '../shared/usecases/plan-scan.ts';

/** An input of size n, and what reads it. */
interface Row {
  readonly what: string;
  readonly n: number;
  readonly run: (n: number) => unknown;
}

const times = (n: number, text: string | ((index: number) => string)): string[] =>
  Array.from({ length: n }, (_, index) => (typeof text === 'string' ? text : text(index)));

const request = (raw: Partial<RawRequest>) => parseRequest({ targets: ['10.0.0.1'], ports: '80', ...raw }, JSON_FIELDS);

/** Parsed, resolved by a resolver that knows every name, checked and cut, as POST /scans does. */
async function plan(raw: Partial<RawRequest>): Promise<void> {
  const parsed = request(raw);
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

const octet = (index: number): string => `${10 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;

const ROWS: readonly Row[] = [
  { what: 'ports: 22,80,…', n: 10_000, run: (n) => request({ ports: times(n, (at) => `${at}`).join(',') }) },
  { what: 'ports: x,x,…', n: 7_500, run: (n) => request({ ports: 'x,'.repeat(n) }) },
  { what: 'ports: gaps ,,,', n: 15_000, run: (n) => request({ ports: ','.repeat(n) }) },
  { what: 'ports: a*,a*,…', n: 10_000, run: (n) => request({ ports: 'a*,'.repeat(n) }) },
  { what: 'ports: different patterns', n: 5_000, run: (n) => request({ ports: times(n, (at) => `*${at}`).join(',') }) },
  { what: 'ports: different names', n: 5_000, run: (n) => request({ ports: times(n, (at) => `http${at}`).join(',') }) },
  { what: 'ports: one pattern of stars', n: 15_000, run: (n) => request({ ports: '*'.repeat(n) }) },
  { what: 'ports: *?*?*?…', n: 7_500, run: (n) => request({ ports: '*?'.repeat(n) }) },
  { what: 'ports: [1-65535],…', n: 5_000, run: (n) => request({ ports: '[1-65535],'.repeat(n).slice(0, -1) }) },
  { what: 'ports: digits', n: 15_000, run: (n) => request({ ports: '9'.repeat(n) }) },
  { what: 'ports: brackets', n: 15_000, run: (n) => request({ ports: '['.repeat(n) }) },
  { what: 'ports: 22 80 22 80 …!', n: 5_000, run: (n) => request({ ports: `${'22 '.repeat(n)}!` }) },
  { what: 'targets: addresses', n: 4_000, run: (n) => plan({ targets: times(n, (at) => `${octet(2 * at)}.1`) }) },
  { what: 'targets: names', n: 3_000, run: (n) => plan({ targets: times(n, (at) => `host-${at}.example`) }) },
  { what: 'targets: 10.0-255.0-255.1-254', n: 675, run: (n) => plan({ targets: times(n, '10.0-255.0-255.1-254') }) },
  {
    what: 'targets: gaps in octets',
    n: 675,
    run: (n) => plan({ targets: times(n, (at) => `${at % 224}.1-9.0-255.2-254`) }),
  },
  { what: 'targets: bad octets', n: 4_000, run: (n) => request({ targets: [`10.0.0.${times(n, '999').join(',')}`] }) },
  { what: 'targets: bad words', n: 4_000, run: (n) => request({ targets: times(n, '10.0.0.256') }) },
  {
    what: 'targets: one long word',
    n: 15_000,
    run: (n) => request({ targets: ['a.'.repeat(n), `${'1'.repeat(n)}.`] }),
  },
  { what: 'targets: colons', n: 15_000, run: (n) => request({ targets: [':'.repeat(n), '1:'.repeat(n)] }) },
  {
    what: 'forbidden targets and exclusions',
    n: 1_000,
    run: (n) =>
      plan({
        targets: times(n, (at) => `224.0.0.0/${4 + (at % 28)}`),
        exclude: times(n, (at) => `224.${octet(3 * at).slice(3)}.1`),
      }),
  },
  {
    what: 'nested targets, exclusions',
    n: 1_000,
    run: (n) =>
      plan({
        targets: times(n, (at) => `10.0.0.0-10.255.${(at >> 8) & 255}.${at & 255}`),
        exclude: times(n, (at) => `${octet(3 * at)}.7`),
      }),
  },
  {
    what: 'timing: digits',
    n: 15_000,
    run: (n) => request({ timeout: '1'.repeat(n), rate: '.'.repeat(n), retries: ' '.repeat(n) }),
  },
  {
    what: 'JSON: unknown fields',
    n: 2_500,
    run: (n) => readScanRequest(Object.fromEntries(times(n, (at) => `f${at}`).map((name) => [name, 1]))),
  },
  { what: 'JSON: wrong items', n: 7_500, run: (n) => readScanRequest({ targets: times(n, '').map(() => 1) }) },
  {
    what: 'JSON: deep',
    n: 7_500,
    run: (n) => readScanRequest(JSON.parse(`{"targets":${'['.repeat(n)}${']'.repeat(n)}}`)),
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
for (const { what, n, run } of ROWS) {
  const [one, two, four] = [await best(() => run(n)), await best(() => run(2 * n)), await best(() => run(4 * n))];
  const cells = [one, two, four].map((ms) => ms.toFixed(2).padStart(8)).join(' ');
  console.log(
    `${what.padEnd(36)} ${String(n).padStart(7)} ${cells}   ${(two / one).toFixed(1)} ${(four / one).toFixed(1)}`,
  );
}
