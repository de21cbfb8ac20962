import { isAnomalous } from '../domain/anomaly.ts';
import type { Chunk } from '../domain/chunk.ts';
import { addTallies, NO_PROBES, type ProbeTally } from '../domain/coverage.ts';
import { likeliestFirst } from '../domain/discovery.ts';
import type { Finding } from '../domain/finding.ts';
import { isAnswer } from '../domain/host-presence.ts';
import { portsInRow, portsOf } from '../domain/port-list.ts';
import type { PortAt } from '../domain/port-set.ts';
import type { Scan } from '../domain/scan.ts';
import type { Millis } from '../domain/units.ts';
import { isSettled, type Verdict, verdictCode, verdictOf } from '../domain/verdict.ts';
import { type ChunkResult, scanChunk } from '../engine/scan-chunk.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import type { TargetStates } from '../engine/target/target-state.ts';
import { permutation } from '../plan/permutation.ts';
import { inRounds } from '../plan/probe-order.ts';
import { chunkSeed } from '../plan/split-chunks.ts';
import { type EgressRestrictions, OPEN_EGRESS } from '../request/egress-restrictions.ts';
import type { Clock } from '../seams/clock.ts';
import type { Prober } from '../seams/prober.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { makeStop, sleep } from '../seams/sleep.ts';
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
    const ports = likeliestFirst(portsOf(discovery.ports)).filter((port) => !blocked.has(keyOf(port)));
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
  const discovery = await begin(pass, unknown, ports);
  const meanwhile = await probeMeanwhile(pass, discovery);
  const { seen, tally } = await keep(pass, discovery);
  for (const host of unknown) {
    const verdicts = seen.get(host) ?? [];
    // Silence counts only where each of the ports was probed to its end.
    if (verdicts.every((verdict) => isSettled(verdict) && !isAlive(verdict)))
      leaveOut(pass, host, 'unprobed/host-silent');
  }
  return meanwhile ? addTallies(tally, (await keep(pass, meanwhile)).tally) : tally;
}

/** Of a host that answers a worker tells as many in a fifth of a second; the wait for what may be far is 0.75 s at T4. */
const MOST_MEANWHILE = 4_096;

/**
 * Most addresses of a block are silent, and that takes as long as an answer may take that comes from far. What answered
 * within the first timeout need not wait with them: its other ports are probed meanwhile, as many as there is time for. It
 * ends with the wait; what is left, and what answers later, is for the chunk's own sweep, which writes down how far it is.
 */
async function probeMeanwhile(pass: Pass, discovery: Probing): Promise<Probing | undefined> {
  const { scan, chunk, codes, deps } = pass;
  if (scan.plan.skipAllOpen) return undefined;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  discovery.result.then(end, end);
  const stop = makeStop({ clock: deps.clock, signal: ended.signal, deadline: null });
  await sleep(deps.clock, scan.plan.timing.initialRttTimeout, stop.whenStopped);
  if (stop.stopped) return undefined;
  const hosts = discovery.hosts.filter((_, nth) => verdictsIn(discovery, nth).some(isAlive));
  if (hosts.length === 0) return undefined;
  const ports = otherPorts(chunk, discovery, Math.floor(MOST_MEANWHILE / hosts.length));
  const known = hosts.flatMap((host) =>
    ports.map((port) => codes[host * chunk.ports.length + (chunk.ports.placeOf(port) ?? 0)] ?? 0),
  );
  const signal = AbortSignal.any([deps.signal, ended.signal]);
  return begin({ ...pass, deps: { ...deps, signal } }, hosts, ports, Uint8Array.from(known));
}

/** The first that were not asked for; of TCP, as a silent UDP port is looked at for longer than any address is waited for. */
function otherPorts({ ports }: Chunk, discovery: Probing, most: number): PortAt[] {
  const asked = new Set(discovery.ports.map(keyOf));
  const others: PortAt[] = [];
  for (const port of ports) {
    if (others.length === most || port.protocol === 'udp') break;
    if (!asked.has(keyOf(port))) others.push(port);
  }
  return others;
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
  const { seen, tally } = await keep(pass, await begin(pass, hosts, ports));
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

/** Some ports of some hosts of a chunk that are probed on their own. */
interface Probing {
  /** By their index in the chunk. */
  readonly hosts: readonly number[];
  readonly ports: readonly PortAt[];
  /** A verdict code for each, host by host, as they come. */
  readonly codes: Uint8Array;
  readonly findings: readonly Finding[];
  readonly result: Promise<Pick<ChunkResult, 'tally'>>;
}

interface Seen {
  /** By the host's index in the chunk, a verdict for each of the ports. */
  readonly seen: ReadonlyMap<number, readonly Verdict[]>;
  readonly tally: ProbeTally;
}

/** `codes` are what is known of them; left out, nothing is. */
async function begin(
  { scan, chunk, deps }: Pass,
  hosts: readonly number[],
  ports: readonly PortAt[],
  codes = new Uint8Array(hosts.length * ports.length),
): Promise<Probing> {
  const findings: Finding[] = [];
  const probing = { hosts, ports, codes, findings };
  if (codes.length === 0) return { ...probing, result: Promise.resolve({ tally: NO_PROBES }) };
  const addresses = hosts.flatMap((host) => chunk.addresses[host] ?? []);
  const some: Chunk = { ...chunk, addresses, ports: portsInRow(ports), size: codes.length };
  const findingOf = await findingsOf(scan);
  const { result } = scanChunk(
    { chunk: some, codes, poolsLoss: true, order: inRounds(some, chunkSeed(scan.plan, chunk.number)) },
    {
      ...deps,
      budget: deps.budgetOf(scan),
      targets: deps.targetsOf(scan),
      onOpen: (open, reply) => {
        if (chunk.ports.placeOf(open) !== undefined) findings.push(findingOf(open, reply));
      },
    },
  );
  return { ...probing, result };
}

/** Waits for the end. What belongs to the chunk is kept: verdicts, open ports. */
async function keep({ scan, chunk, codes, deps }: Pass, probing: Probing): Promise<Seen> {
  const { tally } = await probing.result;
  const { hosts, ports, findings } = probing;
  if (findings.length > 0) {
    await deps.store.putFindings(scan.id, chunk.number, findings);
    deps.onStored(findings);
  }
  const seen = new Map<number, Verdict[]>();
  for (const [nth, host] of hosts.entries()) {
    const verdicts = verdictsIn(probing, nth);
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

const verdictsIn = ({ codes, ports }: Probing, nth: number): Verdict[] =>
  Array.from(codes.subarray(nth * ports.length, (nth + 1) * ports.length), verdictOf);

/** A UDP port that was silent is looked at again with all others of its host, which may hold its answers back. */
const isFinal = (verdict: Verdict): boolean => isSettled(verdict) && !verdict.startsWith('open|filtered/');
