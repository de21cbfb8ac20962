import { DEFAULTS } from '../cdk/settings.ts';
import { makeDynamoCallerStore } from '../lambdas/aws/dynamo/caller-store.ts';
import { itemBytes } from '../lambdas/aws/dynamo/item-size.ts';
import { scanItem } from '../lambdas/aws/dynamo/scan-item.ts';
import { FLEET_PRICES, fleetOf } from '../lambdas/deployed-fleet.ts';
import { deployedPolicy } from '../lambdas/deployed-policy.ts';
import type { ErrorValue } from '../shared/domain/errors.ts';
import { SLOWEST_FLEET_RATE } from '../shared/domain/limits.ts';
import { countPorts } from '../shared/domain/port-set.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { epochMillis, type ScanId, type Seed } from '../shared/domain/units.ts';
import { plannedProbes } from '../shared/plan/split-chunks.ts';
import type { RawRequest } from '../shared/request/parse-request.ts';
import { parseRequest } from '../shared/request/parse-request.ts';
import type { PlanDeps } from '../shared/usecases/plan-scan.ts';
import { planScan } from '../shared/usecases/plan-scan.ts';
import { needsOf, reserveQuota } from '../shared/usecases/reserve-quota.ts';
import { READ_UNIT_BYTES } from './aws-figures.ts';
import type { FleetScan } from './fleet-run.ts';
import { WORLD } from './hosts.ts';

/** A scan that a user may want, and what it would meet. */
export interface WantedScan {
  readonly name: string;
  readonly request: RawRequest;
  /** Open ports of a host that is there, among those probed. */
  readonly openPerHost: number;
  /** The one host of the scan is there, behind a filter. */
  readonly isOneHost?: boolean;
}

/**
 * 10.0.0.0/8 stands for any block of that size: its addresses are never probed, this is arithmetic. 10⁹ probes come in both
 * ways that the planner cuts: many hosts with few ports, whole hosts to a chunk, and few hosts with many ports, several
 * chunks to a host. 15,625 × 64,000 is 10⁹.
 */
export const WANTED: readonly WantedScan[] = [
  { name: '1 host × 65,535', request: { targets: ['10.0.0.1'], ports: '-' }, openPerHost: 8, isOneHost: true },
  { name: '/16 × 100', request: { targets: ['10.0.0.0/16'], topPorts: 100 }, openPerHost: 3 },
  {
    name: '/16 × 100, hosts first',
    request: { targets: ['10.0.0.0/16'], topPorts: 100, discovery: 'before' },
    openPerHost: 3,
  },
  { name: '/8 × 1', request: { targets: ['10.0.0.0/8'], ports: '443' }, openPerHost: 0.05 },
  {
    name: '10⁹: 10⁶ hosts × 1,000',
    request: { targets: ['10.0.0.0-10.15.66.63'], topPorts: 1_000 },
    openPerHost: 4,
  },
  {
    name: '10⁹: 15,625 hosts × 64,000',
    request: { targets: ['10.0.0.0-10.0.61.8'], ports: '1-64000' },
    openPerHost: 8,
  },
];

/** Fleets, by the workers that their owner allows (`maxConcurrency`). */
export const FLEETS: readonly number[] = [10, 100, 1_000];

const ID = '01M81YZJTCJQKEBMPHHDH2HTCT' as ScanId;
const AT = epochMillis(1_795_348_800_000);

/** Plans the scan as the API of a deployment does whose owner has listed 10.0.0.0/8, with the default settings else. */
export async function planWanted(wanted: WantedScan, workers: number, seed: Seed): Promise<FleetScan> {
  const request = parseRequest(wanted.request);
  const planned = request.ok ? await planScan(request.value, planDeps(workers, seed)) : request;
  if (!planned.ok) throw new Error(`${wanted.name}: ${planned.errors.map(({ detail }) => detail).join(' ')}`);
  const scan = planned.value;
  const world = wanted.isOneHost ? { ...WORLD, silent: 0, firewalled: 1 } : WORLD;
  const { portCount } = scan.plan.geometry;
  const { discovery } = scan.plan;
  const discoveryPorts = discovery?.kind === 'before' ? countPorts(discovery.ports) : null;
  const conditions = { world, openPerHost: wanted.openPerHost, portCount, discoveryPorts };
  return { scan, conditions, scanUnits: scanUnits(scan) };
}

function planDeps(workers: number, seed: Seed): PlanDeps {
  return {
    resolver: { resolve: async () => [] },
    clock: { now: () => 0 as never, wall: () => AT, after: () => () => {}, afterTurn: () => {} },
    policy: deployedPolicy({ PORTFLEET_SCOPE: '10.0.0.0/8', PORTFLEET_ALLOW_PRIVATE: 'true' }),
    fleet: fleetOf(workers),
    prices: FLEET_PRICES,
    mostPerTarget: DEFAULTS.ratePerTarget,
    leastPerTarget: SLOWEST_FLEET_RATE,
    newId: () => ID,
    newSeed: () => seed,
  };
}

/** Strongly consistent read units of the scan's item. */
export function scanUnits(scan: Scan): number {
  return Math.ceil(itemBytes(scanItem(scan, AT / 1_000)) / READ_UNIT_BYTES);
}

/** What the API of a deployment with the default quota would say to a caller who has requested nothing yet that day. */
export async function refusalOf({ scan }: FleetScan): Promise<ErrorValue | undefined> {
  const table = { get: async () => undefined, put: async () => true };
  const retention = { expires: () => 0, isOver: () => false };
  const deps = {
    store: { readScan: async () => undefined },
    callers: makeDynamoCallerStore(table as never, retention),
    clock: { wall: () => AT },
    quota: {
      probesPerDay: DEFAULTS.dailyProbeQuota,
      secondsPerDay: secondsOf(DEFAULTS.dailyWorkerHours),
      scansAtOnce: DEFAULTS.scansAtOnce,
    },
  };
  return reserveQuota(deps, 'nobody', needsOf(scan, plannedProbes(scan.plan.geometry)));
}

const secondsOf = (hours: number | null): number | null => (hours === null ? null : hours * 3_600);
