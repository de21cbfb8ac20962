import {
  type AddressSet,
  addressIndex,
  addressSet,
  countAddresses,
  ofFamily,
  singleAddress,
  subtractAddresses,
} from '../domain/addresses/address-set.ts';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { MAX_PROBES_PER_SCAN } from '../domain/limits.ts';
import { countPorts } from '../domain/port-set.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Plan, ResolvedName, Scan } from '../domain/scan.ts';
import type { Timing } from '../domain/timing-template.ts';
import type { ScanId, Seed } from '../domain/units.ts';
import { type FleetSize, planGeometry } from '../plan/split-chunks.ts';
import { type ParsedRequest, parseRequest, type RawRequest } from '../request/parse-request.ts';
import { COMMAND_LINE_FIELDS, type FieldNames } from '../request/request-fields.ts';
import { checkTargets, isLoopback, type Policy } from '../request/target-policy.ts';
import type { Clock } from '../seams/clock.ts';
import type { Resolver } from '../seams/resolver.ts';

export interface PlanDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly fleet: FleetSize;
  /** Asks a second to one address that nobody's request may go beyond; left out or null, the request decides. */
  readonly mostPerTarget?: number | null;
  /** Asks a second to one address that are too few to be held to; left out, none are. */
  readonly leastPerTarget?: number;
  readonly newId: () => ScanId;
  readonly newSeed: () => Seed;
}

/** From the user's words to a scan that could be submitted; every error of the request at once. Nothing is stored. */
export async function planScan(
  raw: RawRequest,
  deps: PlanDeps,
  fields: FieldNames = COMMAND_LINE_FIELDS,
): Promise<Result<Scan>> {
  const parsed = parseRequest(raw, fields);
  if (!parsed.ok) return parsed;
  const request = parsed.value;
  const resolved = await resolveNames(request, deps.resolver);
  if (!resolved.ok) return resolved;
  const { names, addresses } = resolved.value;
  const errors = [
    ...checkTargets(deps.policy, request, names),
    ...checkSize(addresses, countPorts(request.ports)),
    ...checkPace(request.timing, deps.leastPerTarget ?? 0),
  ];
  if (errors.length > 0) return err(...errors);
  const timing = capped(paceOf(request, addresses), deps.mostPerTarget ?? null);
  const plan: Plan = {
    addresses,
    ports: request.ports,
    seed: deps.newSeed(),
    timing,
    socketsPerWorker: request.sockets,
    detect: request.detect,
    geometry: planGeometry(addressIndex(addresses).count, request.ports, timing, deps.fleet),
  };
  return ok({
    id: deps.newId(),
    status: 'planned',
    request: request.request,
    names,
    plan,
    submittedAt: deps.clock.wall(),
    finishedAt: null,
    summary: null,
  });
}

interface Resolved {
  readonly names: readonly ResolvedName[];
  readonly addresses: AddressSet;
}

/** Every name is asked once, here; what it stands for is fixed from now on. */
async function resolveNames(request: ParsedRequest, resolver: Resolver): Promise<Result<Resolved>> {
  const wanted = [...new Map([...request.names, ...request.excludedNames].map((each) => [each.name, each])).values()];
  const answers = new Map(
    await Promise.all(wanted.map(async (each) => [each.name, await resolver.resolve(each.name)] as const)),
  );
  const errors: ErrorValue[] = [];
  for (const { name, at } of wanted) {
    if (answers.get(name)?.length) continue;
    errors.push(errorValue('TARGET_UNRESOLVED', `"${name}" has no address.`, at ? { at } : {}));
  }
  if (errors.length > 0) return err(...errors);
  const rangesOf = (names: ParsedRequest['names']) =>
    names.flatMap(({ name }) => (answers.get(name) ?? []).map(singleAddress));
  const asked = addressSet([...request.ranges, ...rangesOf(request.names)]);
  const left = subtractAddresses(asked, [...request.excluded, ...rangesOf(request.excludedNames)]);
  const addresses = request.family === null ? left : ofFamily(left, request.family);
  const names = request.names.map(({ name }) => ({ name, addresses: answers.get(name) ?? [] }));
  return ok({ names, addresses });
}

function checkSize(addresses: AddressSet, ports: number): ErrorValue[] {
  const count = countAddresses(addresses);
  if (count === 0n) return [errorValue('TARGET_NONE', 'Nothing is left of the targets.')];
  const probes = count * BigInt(ports);
  if (probes <= BigInt(MAX_PROBES_PER_SCAN)) return [];
  const [asked, most] = [probes.toLocaleString('en'), MAX_PROBES_PER_SCAN.toLocaleString('en')];
  return [errorValue('TOO_MANY_PROBES', `That is ${asked} probes; one scan has ${most} at the most.`)];
}

function checkPace({ ratePerTarget }: Timing, least: number): ErrorValue[] {
  if (ratePerTarget === null || ratePerTarget >= least) return [];
  const every = (1 / ratePerTarget).toLocaleString('en', { maximumFractionDigits: 1 });
  return [
    errorValue(
      'PACE_TOO_SLOW',
      `One port every ${every} seconds is asked; a worker of this fleet lives for half a minute.`,
    ),
  ];
}

/** One's own machine is exempt from the rate of the template, not from one that the user wrote. */
function paceOf({ timing, rateIsWritten }: ParsedRequest, addresses: AddressSet): Timing {
  return !rateIsWritten && isLoopback(addresses) ? { ...timing, ratePerTarget: null } : timing;
}

const capped = (timing: Timing, most: number | null): Timing =>
  most === null ? timing : { ...timing, ratePerTarget: Math.min(timing.ratePerTarget ?? most, most) };
