import { isAnomalous } from '../domain/anomaly.ts';
import type { Chunk } from '../domain/chunk.ts';
import { addTallies, NO_PROBES, type ProbeTally } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import { isAnswer } from '../domain/host-presence.ts';
import { portsInRow, portsOf } from '../domain/port-list.ts';
import type { PortAt } from '../domain/port-set.ts';
import type { Scan } from '../domain/scan.ts';
import type { Millis, Seed } from '../domain/units.ts';
import { isSettled, type Verdict, verdictCode, verdictOf } from '../domain/verdict.ts';
import { scanChunk } from '../engine/scan-chunk.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import type { TargetStates } from '../engine/target/target-state.ts';
import { permutation } from '../plan/permutation.ts';
import { probeOrder } from '../plan/probe-order.ts';
import { chunkSeed } from '../plan/split-chunks.ts';
import { type EgressRestrictions, OPEN_EGRESS } from '../request/egress-restrictions.ts';
import type { Clock } from '../seams/clock.ts';
import type { Prober } from '../seams/prober.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { findingsOf } from './finding-of.ts';

/*
 * What a scan may have asked for before the ports of a chunk are probed: to find the addresses that are not worth it.
 *
 *   discovery "before"   a dozen likely ports of each address; silent on all of them ──▶ the rest is host-silent
 *   skipAllOpen          a sample of its ports of each address; open nearly everywhere ──▶ the rest is all-open
 *
 * Both are small scans of their own, by the same engine, whose verdicts are kept where the port belongs to the chunk. A
 * delivery that died in between begins again with the addresses that nothing is known of yet.
 */

export interface FirstPassDeps {
  readonly store: Pick<ScanStore, 'putFindings'>;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly egress?: EgressRestrictions;
  readonly budgetOf: (scan: Scan) => SocketBudget;
  readonly targetsOf: (scan: Scan) => TargetStates;
  readonly signal: AbortSignal;
  readonly deadline: Millis | null;
  readonly onStored: (findings: readonly Finding[]) => void;
}

/** Marks in `codes` what need not be probed any more, and gives what that took. Findings are stored before it returns. */
export async function firstPass(scan: Scan, chunk: Chunk, codes: Uint8Array, deps: FirstPassDeps): Promise<ProbeTally> {
  const { discovery, skipAllOpen } = scan.plan;
  let tally: ProbeTally = NO_PROBES;
  if (discovery?.kind === 'before') {
    const blocked = new Set([...portsOf((deps.egress ?? OPEN_EGRESS).blocked)].map(keyOf));
    const ports = [...portsOf(discovery.ports)].filter((port) => !blocked.has(keyOf(port)));
    tally = await discoverHosts({ scan, chunk, codes, deps }, ports);
  }
  if (skipAllOpen) tally = addTallies(tally, await sampleAllOpen({ scan, chunk, codes, deps }));
  return tally;
}

interface Pass {
  readonly scan: Scan;
  readonly chunk: Chunk;
  readonly codes: Uint8Array;
  readonly deps: FirstPassDeps;
}

const keyOf = ({ protocol, port }: PortAt): string => `${protocol}/${port}`;

async function discoverHosts(pass: Pass, ports: readonly PortAt[]): Promise<ProbeTally> {
  const { chunk } = pass;
  const unknown = [...chunk.addresses.keys()].filter((host) => {
    const known = verdictsOf(pass, host);
    return known.includes('pending') && !known.some(isAlive);
  });
  const { seen, tally } = await probeSome(pass, unknown, ports);
  for (const host of unknown) {
    const verdicts = seen.get(host) ?? [];
    // Silence counts only where each of the ports was probed to its end.
    if (verdicts.every((verdict) => isSettled(verdict) && !isAlive(verdict)))
      leaveOut(pass, host, 'unprobed/host-silent');
  }
  return tally;
}

/** Half of what makes an anomaly is enough to be sure in a sample twice that size; see `isAnomalous`. */
const SAMPLE = 200;

/** Of fewer ports than this a sample saves nothing worth its own wait. */
const WORTH_SAMPLING = 3 * SAMPLE;

async function sampleAllOpen(pass: Pass): Promise<ProbeTally> {
  const { chunk, scan } = pass;
  if (chunk.ports.length < WORTH_SAMPLING) return NO_PROBES;
  const hosts = [...chunk.addresses.keys()].filter((host) => verdictsOf(pass, host).includes('pending'));
  // Not the likeliest ports: those may well be open one and all.
  const at = permutation(chunk.ports.length, chunkSeed(scan.plan, chunk.number));
  const ports = Array.from({ length: SAMPLE }, (_, index) => chunk.ports.at(at(index))).filter(
    (port) => port !== undefined,
  );
  const { seen, tally } = await probeSome(pass, hosts, ports);
  for (const host of hosts) {
    const verdicts = seen.get(host) ?? [];
    const open = verdicts.filter((verdict) => verdict.startsWith('open/')).length;
    const closed = verdicts.filter((verdict) => verdict.startsWith('closed/')).length;
    if (isAnomalous(open, open + closed)) leaveOut(pass, host, 'unprobed/all-open');
  }
  return tally;
}

const isAlive = (verdict: Verdict): boolean => isSettled(verdict) && isAnswer(verdict);

function verdictsOf({ chunk, codes }: Pass, host: number): Verdict[] {
  const start = host * chunk.ports.length;
  return Array.from(codes.subarray(start, start + chunk.ports.length), verdictOf);
}

function leaveOut({ chunk, codes }: Pass, host: number, verdict: Verdict): void {
  const start = host * chunk.ports.length;
  const code = verdictCode(verdict);
  for (let at = start; at < start + chunk.ports.length; at++) if (codes[at] === 0) codes[at] = code;
}

interface Seen {
  /** By the host's index in the chunk, a verdict for each of the ports. */
  readonly seen: ReadonlyMap<number, readonly Verdict[]>;
  readonly tally: ProbeTally;
}

/** Probes those ports of those hosts of a chunk. What belongs to the chunk is kept: its verdicts, its open ports. */
async function probeSome(pass: Pass, hosts: readonly number[], ports: readonly PortAt[]): Promise<Seen> {
  const { scan, chunk, codes, deps } = pass;
  if (hosts.length === 0 || ports.length === 0) return { seen: new Map(), tally: NO_PROBES };
  const addresses = hosts.flatMap((host) => chunk.addresses[host] ?? []);
  const some: Chunk = { ...chunk, addresses, ports: portsInRow(ports), size: addresses.length * ports.length };
  const findings: Finding[] = [];
  const findingOf = await findingsOf(scan);
  const { codes: found, tally } = await scanChunk(
    {
      chunk: some,
      codes: new Uint8Array(some.size),
      poolsLoss: true,
      order: probeOrder(some, chunkSeed(scan.plan, chunk.number) as Seed),
    },
    {
      ...deps,
      budget: deps.budgetOf(scan),
      targets: deps.targetsOf(scan),
      onOpen: (open, reply) => {
        if (chunk.ports.placeOf(open) !== undefined) findings.push(findingOf(open, reply));
      },
    },
  ).result;
  if (findings.length > 0) {
    await deps.store.putFindings(scan.id, chunk.number, findings);
    deps.onStored(findings);
  }
  const seen = new Map<number, Verdict[]>();
  for (const [nth, host] of hosts.entries()) {
    const verdicts = Array.from(found.subarray(nth * ports.length, (nth + 1) * ports.length), verdictOf);
    seen.set(host, verdicts);
    for (const [index, verdict] of verdicts.entries()) {
      const port = ports[index];
      const place = port && chunk.ports.placeOf(port);
      const at = host * chunk.ports.length + (place ?? 0);
      if (place !== undefined && codes[at] === 0 && isFinal(verdict)) codes[at] = verdictCode(verdict);
    }
  }
  return { seen, tally };
}

/** A UDP port that was silent is looked at again with all others of its host, which may hold its answers back. */
const isFinal = (verdict: Verdict): boolean => isSettled(verdict) && !verdict.startsWith('open|filtered/');
