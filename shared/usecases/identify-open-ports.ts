import { namesByAddress } from '../domain/address-names.ts';
import type { Chunk } from '../domain/chunk.ts';
import { type Finding, wasIdentified } from '../domain/finding.ts';
import { NO_SERVICE } from '../domain/registry/services.ts';
import type { Scan } from '../domain/scan.ts';
import type { Address, Millis } from '../domain/units.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import type { TargetStates } from '../engine/target/target-state.ts';
import type { Clock } from '../seams/clock.ts';
import type { Connector } from '../seams/connector.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { flushWhileRunning } from './flush-while-running.ts';

export interface IdentifyOpenPortsDeps {
  readonly store: ScanStore;
  readonly clock: Clock;
  readonly connector: Connector;
  readonly budget: SocketBudget;
  readonly targets: TargetStates;
  readonly signal: AbortSignal;
  readonly deadline: Millis | null;
  readonly onStored: (findings: readonly Finding[]) => void;
}

/**
 * Ports of one address that are probed in one chunk. A host that accepts on everything (a tarpit, a proxy) is one session
 * sixty thousand times over: it is probed as often as sessions run at once, so that it costs a few seconds a chunk.
 */
const MOST_PER_ADDRESS = 256;

/** How far the second pass came: whether it is through, and how many ports it has probed. */
export interface Identified {
  readonly ending: 'done' | 'cut-short';
  readonly asked: number;
}

/**
 * The second pass over a chunk whose probes are all settled: the services of its open TCP ports are detected. It starts from
 * what is stored, so a delivery that died in here is simply delivered again, and probes only those that are left.
 */
export async function identifyOpenPorts(scan: Scan, chunk: Chunk, deps: IdentifyOpenPortsDeps): Promise<Identified> {
  const { detect } = scan.plan;
  if (detect === 'none') return { ending: 'done', asked: 0 };
  const stored = await deps.store.readFindings(scan.id, chunk.number);
  const open = worthAsking(stored).filter((each) => !wasIdentified(each));
  const names = namesByAddress(scan.names);
  const unwritten: Finding[] = [];
  let asked = 0;
  // Loaded only here: most scans never need the matchers.
  const { identifyServices } = await import('../identify/identify-services.ts');
  const running = identifyServices(open, {
    ...deps,
    detect,
    rateLimiterOf: (address) => deps.targets.rateOf(address, chunk.lane),
    // The first of the names that the user wrote and that stand for the address.
    nameOf: (address) => names.get(address)?.[0] ?? null,
    onIdentified: (finding) => unwritten.push(finding),
  });
  const write = async (): Promise<void> => {
    const findings = unwritten.splice(0);
    if (findings.length === 0) return;
    await deps.store.putFindings(scan.id, chunk.number, findings);
    deps.onStored(findings);
    asked += findings.length;
  };
  await flushWhileRunning(running, deps.clock, write);
  await write();
  return { ending: await running, asked };
}

/** The open TCP ports; of an address with too many of them, those whose number has a name first. */
function worthAsking(findings: readonly Finding[]): Finding[] {
  const hosts = new Map<Address, Finding[]>();
  for (const finding of findings) {
    if (finding.protocol !== 'tcp' || finding.state !== 'open') continue;
    const known = hosts.get(finding.address);
    if (known) known.push(finding);
    else hosts.set(finding.address, [finding]);
  }
  const isNamed = ({ service }: Finding): number => (service.name === NO_SERVICE ? 0 : 1);
  return [...hosts.values()].flatMap((each) =>
    each.sort((a, b) => isNamed(b) - isNamed(a) || a.port - b.port).slice(0, MOST_PER_ADDRESS),
  );
}
