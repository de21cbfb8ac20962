import { inEveryZone, pointOf, rangeOf, type Span } from '../domain/addresses/address-line.ts';
import { canonicalAddress, spansOfFamily } from '../domain/addresses/address-set.ts';
import type { FleetPrices } from '../domain/cost.ts';
import { ErrorList } from '../domain/error-list.ts';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { countPoints, hasPoint, mergeIntervals, subtractIntervals } from '../domain/intervals.ts';
import { MAX_PROBES_PER_SCAN } from '../domain/limits.ts';
import { countPorts } from '../domain/port-set.ts';
import type { ProxyServer } from '../domain/proxy.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Plan, Scan } from '../domain/scan.ts';
import type { Timing } from '../domain/timing-template.ts';
import type { ScanId, Seed } from '../domain/units.ts';
import { estimateCost, workerSecondsOf } from '../plan/estimate-cost.ts';
import { type FleetSize, planGeometry } from '../plan/split-chunks.ts';
import type { ParsedRequest } from '../request/parse-request.ts';
import { checkTargets, isLoopback, type Policy, withOwn } from '../request/target-policy.ts';
import type { AccountInventory } from '../seams/account-inventory.ts';
import type { Clock } from '../seams/clock.ts';
import type { Resolver } from '../seams/resolver.ts';
import { readAccount } from './read-account.ts';
import { type ResolveDeps, type ResolvedNames, resolveNames } from './resolve-names.ts';

export interface PlanDeps extends ResolveDeps {
  /** Asks the name servers that a request names; left out where a request may name none. */
  readonly resolverAt?: (servers: readonly string[]) => Resolver;
  /** Requests may name a proxy to connect through. */
  readonly mayUseProxy?: true;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly fleet: FleetSize;
  /** Probes a second to one address that no request may go beyond; left out or null, the request decides. */
  readonly mostPerTarget?: number | null;
  /** Probes a second to one address that are too few to be held to; left out, none are. */
  readonly leastPerTarget?: number;
  /** What the fleet costs by the list; left out or null where it costs nothing. */
  readonly prices?: FleetPrices | null;
  /** Where the scan may ask for what an account has; left out, there is no account. */
  readonly account?: AccountInventory;
  readonly newId: () => ScanId;
  readonly newSeed: () => Seed;
}

/** From a request to a scan that could be submitted; every error of the request at once. Nothing is stored. */
export async function planScan(request: ParsedRequest, deps: PlanDeps): Promise<Result<Scan>> {
  const resolver = resolverFor(request, deps);
  if (!resolver.ok) return resolver;
  const resolved = await resolveNames([...request.names, ...request.excludedNames], {
    ...deps,
    resolver: resolver.value,
  });
  if (!resolved.ok) return resolved;
  const proxy = await proxyOf(request, { ...deps, resolver: resolver.value });
  if (!proxy.ok) return proxy;
  const asked = await readAccount(request, deps);
  if (!asked.ok) return asked;
  const account = asked.value;
  const names = resolved.value;
  const excluded = inEveryZone(mergeIntervals([...request.excluded, ...names.spansOf(request.excludedNames)]));
  const spans = addressesOf(request, [...names.spansOf(request.names), ...account.spans], excluded);
  const errors = new ErrorList();
  const targets = request.names.map(({ name, at }) => ({ name, at, spans: names.spansOf([{ name, at }]) }));
  const policy = withOwn(deps.policy, account.own);
  errors.add(...checkTargets(policy, request, [...targets, ...account.targets], excluded));
  errors.add(...checkSize(spans, countPorts(request.ports)));
  errors.add(...checkPace(request.timing, deps.leastPerTarget ?? 0));
  errors.add(...checkCost(request, deps));
  const known = account.known.filter(({ address }) => hasPoint(spans, pointOf(address)));
  return errors.resultOf(() => ({
    ...planned(request, names, planOf(request, spans, deps), deps),
    ...(known.length > 0 && { account: known }),
    ...(proxy.value && { proxy: proxy.value }),
  }));
}

/** The name servers of a fleet's network are its owner's choice: a caller's could be any machine that takes datagrams. */
function resolverFor({ nameServers, fields }: ParsedRequest, { resolver, resolverAt }: PlanDeps): Result<Resolver> {
  if (nameServers.length === 0) return ok(resolver);
  if (resolverAt) return ok(resolverAt(nameServers));
  const detail = `${fields.dnsServers} is for scans of one's own machine; a fleet asks the name servers of its network.`;
  return err(errorValue('OPTIONS_CONFLICT', detail, { hint: 'Leave it out.' }));
}

/** A fleet connects from its own network; what a caller names as a proxy could be anything that takes connections. */
async function proxyOf({ proxy, fields }: ParsedRequest, deps: PlanDeps): Promise<Result<ProxyServer | null>> {
  if (!proxy) return ok(null);
  if (!deps.mayUseProxy) {
    const detail = `${fields.proxy} is for scans of one's own machine; a fleet connects from its network.`;
    return err(errorValue('OPTIONS_CONFLICT', detail, { hint: 'Leave it out.' }));
  }
  const { host, ...rest } = proxy;
  const literal = canonicalAddress(host);
  if (literal) return ok({ ...rest, address: literal });
  const found = await resolveNames(
    [{ name: host, at: { field: fields.proxy, text: host, start: 0, end: host.length } }],
    deps,
  );
  if (!found.ok) return found;
  const [address] = found.value.addressesOf(host);
  return ok(address ? { ...rest, address } : null);
}

function planned(request: ParsedRequest, names: ResolvedNames, plan: Plan, deps: PlanDeps): Scan {
  const cost = deps.prices && {
    prices: deps.prices,
    estimate: estimateCost(plan, deps.fleet, deps.prices),
    seconds: workerSecondsOf(plan, deps.fleet, deps.prices.memoryGb),
    limit: request.maxCost,
  };
  return {
    id: deps.newId(),
    status: 'planned',
    request: request.request,
    names: [...new Set(request.names.map(({ name }) => name))].map((name) => ({
      name,
      addresses: names.addressesOf(name),
    })),
    plan,
    ...(cost && { cost }),
    submittedAt: deps.clock.wall(),
    finishedAt: null,
    summary: null,
  };
}

function checkCost({ maxCost, fields }: ParsedRequest, { prices }: PlanDeps): ErrorValue[] {
  if (maxCost === null || prices) return [];
  const detail = `${fields.maxCost} is for a fleet; what scans here costs nothing.`;
  return [errorValue('OPTIONS_CONFLICT', detail, { hint: 'Leave it out, or name a fleet with --endpoint.' })];
}

/** What is to be scanned: all that is named and of the family that is wanted, and nothing that is excluded. */
function addressesOf(request: ParsedRequest, found: readonly Span[], excluded: readonly Span[]): readonly Span[] {
  const named = found.length > 0 ? mergeIntervals([...request.addresses, ...found]) : request.addresses;
  const left = subtractIntervals(named, excluded);
  return request.family === null ? left : spansOfFamily(left, request.family);
}

/** A proxy has a thread or a process for each connection; tinyproxy takes 100 as it comes, and two workers are usual. */
const SOCKETS_TO_PROXY = 48;

function planOf(request: ParsedRequest, spans: readonly Span[], deps: PlanDeps): Plan {
  const timing = capped(rateFor(request, spans), deps.mostPerTarget ?? null);
  // A worker that may use fewer sockets needs more others beside it, which the cut of the scan depends on.
  const wanted = request.sockets ?? (request.proxy ? SOCKETS_TO_PROXY : null);
  const socketsPerWorker = Math.min(wanted ?? deps.fleet.socketsPerWorker, deps.fleet.socketsPerWorker);
  const fleet = { ...deps.fleet, socketsPerWorker };
  return {
    addresses: spans.map(rangeOf),
    ports: request.ports,
    seed: deps.newSeed(),
    timing,
    socketsPerWorker: wanted,
    detect: request.detect,
    ...(request.discovery && { discovery: request.discovery }),
    ...(request.order === 'ascending' && { order: request.order }),
    ...(request.skipAllOpen && { skipAllOpen: true }),
    ...(request.reverseNames !== 'none' && {
      reverseNames: { of: request.reverseNames, servers: request.nameServers },
    }),
    geometry: planGeometry(Number(countPoints(spans)), request.ports, timing, fleet, {
      discovery: request.discovery ?? undefined,
      detect: request.detect,
    }),
  };
}

function checkSize(spans: readonly Span[], ports: number): ErrorValue[] {
  const count = countPoints(spans);
  if (count === 0n) return [errorValue('TARGET_NONE', 'Nothing is left of the targets.')];
  const probes = count * BigInt(ports);
  if (probes <= BigInt(MAX_PROBES_PER_SCAN)) return [];
  const [wanted, most] = [probes.toLocaleString('en'), MAX_PROBES_PER_SCAN.toLocaleString('en')];
  return [errorValue('TOO_MANY_PROBES', `That is ${wanted} probes; one scan has ${most} at the most.`)];
}

function checkPace({ ratePerTarget }: Timing, least: number): ErrorValue[] {
  if (ratePerTarget === null || ratePerTarget >= least) return [];
  const every = (1 / ratePerTarget).toLocaleString('en', { maximumFractionDigits: 1 });
  return [
    errorValue(
      'PACE_TOO_SLOW',
      `One port every ${every} seconds is probed; a worker of this fleet lives for half a minute.`,
    ),
  ];
}

/** One's own machine is exempt from the rate of the template, not from one that the user wrote. */
function rateFor({ timing, rateIsWritten }: ParsedRequest, spans: readonly Span[]): Timing {
  return !rateIsWritten && isLoopback(spans) ? { ...timing, ratePerTarget: null } : timing;
}

const capped = (timing: Timing, most: number | null): Timing =>
  most === null
    ? timing
    : {
        ...timing,
        ratePerTarget: Math.min(timing.ratePerTarget ?? most, most),
        ...(timing.minRatePerTarget !== undefined && { minRatePerTarget: Math.min(timing.minRatePerTarget, most) }),
      };
