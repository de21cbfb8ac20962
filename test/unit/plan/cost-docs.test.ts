import { describe, expect, it } from 'vitest';
import { FLEET_PRICES, fleetOf } from '../../../lambdas/deployed-fleet.ts';
import { QUEUE_REQUESTS } from '../../../shared/domain/cost.ts';
import { WORKER_MEMORY_MB } from '../../../shared/domain/limits.ts';
import { seed } from '../../../shared/domain/units.ts';
import { estimate } from '../../../shared/plan/estimate.ts';
import { estimateCost, LIST_PRICES } from '../../../shared/plan/estimate-cost.ts';
import { plannedProbes } from '../../../shared/plan/split-chunks.ts';
import { parseRequest, type RawRequest } from '../../../shared/request/parse-request.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import { planScan } from '../../../shared/usecases/plan-scan.ts';
import { expectInDocs } from '../../helpers/docs.ts';
import { manualClock } from '../../helpers/manual-clock.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';
import { valid } from '../../helpers/valid.ts';

/** Networks for documentation and benchmarks: nobody asks them, this is arithmetic. */
const CASES: readonly (readonly [what: string, request: Partial<RawRequest>])[] = [
  ['every TCP port of one host, T3', { targets: ['192.0.2.1'], ports: '-' }],
  ['every TCP port of one host, T4, rate raised to 20,000', { targets: ['192.0.2.1'], ports: '-', timing: 'T4' }],
  ['the 100 usual ports of a /24', { targets: ['192.0.2.0/24'], topPorts: 100 }],
  ['the 100 usual ports of a /16', { targets: ['198.18.0.0/16'], topPorts: 100 }],
  ['one port of a /16', { targets: ['198.18.0.0/16'], ports: '443' }],
  ['every TCP port of a /24', { targets: ['192.0.2.0/24'], ports: '-' }],
];

const FLEET = fleetOf(64);

async function row(what: string, request: Partial<RawRequest>): Promise<string> {
  const { plan } = valid(
    await planScan(valid(parseRequest({ targets: [], ...request })), {
      resolver: { resolve: async () => [] },
      clock: manualClock(),
      policy: LOCAL_POLICY,
      fleet: FLEET,
      newId: freshScanId,
      newSeed: () => seed(1),
    }),
  );
  const cost = estimateCost(plan, FLEET, FLEET_PRICES);
  const { shortest, ifSilent } = estimate(plan, FLEET);
  const cells = [
    what,
    plannedProbes(plan.geometry).toLocaleString('en'),
    plan.geometry.chunks.toLocaleString('en'),
    `${seconds(shortest)} – ${seconds(ifSilent)}`,
    `${dollars(cost.atLeast)} – ${dollars(cost.ifSilent)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

const seconds = (millis: number): string => `${Number((millis / 1_000).toPrecision(2)).toLocaleString('en')} s`;
const dollars = (amount: number): string =>
  `$${Number(amount.toPrecision(2)).toLocaleString('en', { maximumSignificantDigits: 2 })}`;

describe('The cases of docs/cost.md', () => {
  it('are what the estimate of the API says', async () => {
    const rows = await Promise.all(CASES.map(([what, request]) => row(what, request)));
    expect(rows.length).toBe(CASES.length);
    const head = ['| scan | probes | chunks | time, workers warm | cost, no free tier |', '|---|---|---|---|---|'];
    expectInDocs('docs/cost.md', 'cases', [...head, ...rows].join('\n'));
  });

  it('has the ceiling of a deployment for each number of workers', () => {
    const { perGbSecond, perWriteUnit, perInvocation, perQueueRequest } = LIST_PRICES;
    const body = [6, 64, 1_000].map((workers) => {
      const seconds = workers * SECONDS_OF_A_DAY;
      const lambda = seconds * ((WORKER_MEMORY_MB / 1_024) * perGbSecond + perInvocation);
      const rest = seconds * (WRITES_OF_A_SECOND * perWriteUnit + QUEUE_REQUESTS * perQueueRequest);
      return `| ${[workers.toLocaleString('en'), lambda, rest, lambda + rest, 30 * (lambda + rest)]
        .map((cell) => (typeof cell === 'number' ? dollars(cell) : cell))
        .join(' | ')} |`;
    });
    const head = [
      '| workers | Lambda a day | DynamoDB, SQS | together | in 30 days |',
      '| ---: | ---: | ---: | ---: | ---: |',
    ];
    expectInDocs('docs/cost.md', 'ceiling', [...head, ...body].join('\n'));
  });
});

const SECONDS_OF_A_DAY = 86_400;

/** A checkpoint, and at the most one chunk: its record and its slot of the tree. */
const WRITES_OF_A_SECOND = 3;
