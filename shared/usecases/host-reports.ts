import type { AccountAddress } from '../domain/account.ts';
import { namesByAddress } from '../domain/address-names.ts';
import { addressIndex } from '../domain/addresses/address-set.ts';
import type { Chunk } from '../domain/chunk.ts';
import {
  type ChunkForecast,
  cutRuns,
  type ProbeTally,
  type Run,
  replaceInRuns,
  runsOfChunk,
} from '../domain/coverage.ts';
import { type Finding, findingsByAddress } from '../domain/finding.ts';
import type { PortList } from '../domain/port-list.ts';
import { makePortRuns, type PortRuns } from '../domain/port-runs.ts';
import type { HostReport, PortRun } from '../domain/report.ts';
import type { NamesOfAddresses } from '../domain/reverse-names.ts';
import type { Scan } from '../domain/scan.ts';
import { type Address, chunkNumber } from '../domain/units.ts';
import type { Verdict } from '../domain/verdict.ts';
import { buildChunk, endsItsAddresses } from '../plan/split-chunks.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { turn } from '../seams/turn.ts';

/** One chunk as it stands in the store. */
export interface StoredChunk {
  readonly chunk: Chunk;
  /** All of its probes; an open finding outweighs whatever the coverage says of its port. */
  readonly runs: readonly Run[];
  readonly findings: readonly Finding[];
  readonly tally: ProbeTally | null;
  readonly names: NamesOfAddresses;
  readonly forecast: ChunkForecast | null;
}

/** Chunks that are read in one turn of the event loop, with up to 65,536 probes each: some 10 ms of work. */
const CHUNKS_A_TURN = 16;

/** The chunks of a scan from `first` on, one at a time. A chunk without a report is all `pending`. */
export async function* storedChunks(scan: Scan, store: ScanStore, first = 0): AsyncGenerator<StoredChunk> {
  const { at } = addressIndex(scan.plan.addresses);
  for (let number = first; number < scan.plan.geometry.chunks; number++) {
    if ((number - first) % CHUNKS_A_TURN === CHUNKS_A_TURN - 1) await turn();
    const chunk = buildChunk(scan.plan, chunkNumber(number), at);
    const coverage = await store.readCoverage(scan.id, chunk.number);
    const findings = await store.readFindings(scan.id, chunk.number);
    const runs = overlay(chunk, runsOfChunk(coverage?.runs, chunk.size), findings);
    const { tally = null, names = {}, forecast = null } = coverage ?? {};
    yield { chunk, runs, findings, tally, names, forecast };
  }
}

/**
 * A finding is written before the coverage that mentions it, and a chunk may have been probed twice with different
 * answers. An open port was open when it was seen: the finding wins.
 */
function overlay(chunk: Chunk, runs: readonly Run[], findings: readonly Finding[]): readonly Run[] {
  // As many as open ports are the same ports, for none is called open before its finding is written.
  if (findings.length === openIn(runs)) return runs;
  const seen = new Map<number, Verdict>();
  const addresses = new Map(chunk.addresses.map((address, index) => [address, index]));
  for (const finding of findings) {
    const { address, state, reason } = finding;
    const [host, place] = [addresses.get(address), chunk.ports.placeOf(finding)];
    if (host === undefined || place === undefined) continue;
    seen.set(host * chunk.ports.length + place, `${state}/${reason}` as Verdict);
  }
  return replaceInRuns(runs, seen);
}

const openIn = (runs: readonly Run[]): number =>
  runs.reduce((open, [length, verdict]) => open + (verdict.startsWith('open/') ? length : 0), 0);

/** A host being put together from its chunks. */
interface HostInTheMaking {
  readonly address: Address;
  readonly findings: Finding[];
  readonly runs: PortRun[];
  /** Several chunks of one address each have looked its names up. */
  readonly reverseNames: Set<string>;
  readonly builder: PortRuns;
}

/** The hosts of a scan in the order of its plan, each whole, with the chunks of one address put together again. */
export async function* hostReports(scan: Scan, store: ScanStore): AsyncGenerator<HostReport> {
  const names = namesByAddress(scan.names);
  const account = new Map((scan.account ?? []).map((each) => [each.address, each]));
  const finish = ({ address, findings, runs, reverseNames }: HostInTheMaking): HostReport => ({
    address,
    names: names.get(address) ?? [],
    ...(reverseNames.size > 0 && { reverseNames: [...reverseNames] }),
    ...importedNames(scan, address),
    ...(scan.imported?.hosts[address] && { facts: scan.imported.hosts[address] }),
    ...accountOf(account.get(address)),
    findings,
    runs,
  });
  let host: HostInTheMaking | null = null;
  for await (const { chunk, runs, findings, names: reverse } of storedChunks(scan, store)) {
    const byAddress = findingsByAddress(findings);
    const ofEach = cutRuns(runs, chunk.ports.length);
    const areWhole = endsItsAddresses(scan.plan.geometry, chunk.number);
    for (const address of chunk.addresses) {
      host ??= { address, findings: [], runs: [], reverseNames: new Set(), builder: makePortRuns() };
      for (const name of reverse[address] ?? []) host.reverseNames.add(name);
      for (const finding of byAddress.get(address) ?? []) host.findings.push(finding);
      addRuns(host, chunk, ofEach.next().value ?? []);
      // Not when the next address comes: its findings, another 65,535 at worst, would be in memory beside these.
      if (!areWhole) continue;
      yield finish(host);
      host = null;
    }
  }
}

const importedNames = ({ imported }: Scan, address: Address) => {
  const reverseNames = imported?.hosts[address]?.reverseNames;
  return reverseNames && { reverseNames };
};

const accountOf = (account: AccountAddress | undefined) => account && { account };

/** Appends one address's share of a chunk to the runs of its host. An open port, which is a finding, ends a run. */
function addRuns({ runs, builder }: HostInTheMaking, { ports }: Chunk, own: readonly Run[]): void {
  let at = 0;
  for (const [length, verdict] of own) {
    const end = at + length;
    if (verdict.startsWith('open/')) {
      builder.end();
      at = end;
    }
    while (at < end) {
      const next = endOfProtocol(ports, at, end);
      const [first, last] = [ports.at(at), ports.at(next - 1)];
      const begun = first && builder.add(first, verdict, last?.port, next - at);
      if (begun) runs.push(begun);
      at = next;
    }
  }
}

/** Where the ports of one protocol end, of those from `at` to `end`: TCP comes first. */
const endOfProtocol = ({ udpFrom }: PortList, at: number, end: number): number =>
  at < udpFrom ? Math.min(end, udpFrom) : end;
